"""The files that FreePBX's Bulk Handler and FusionPBX's extension export write are imported as they are."""

import csv
import io

from sipweb.core.csv_files import read_table, read_text
from sipweb.services import account_import, account_secrets
from sipweb.services.state import current_state
from tests.builders import WHO

PHONE = "Thulium Softphone"
# What bulkhandlerExport() returns of an extension, in this order: the tables users and devices, what
# getAllUsersByDeviceType() adds, and the keywords of the table sip. Other modules add columns behind them.
# https://github.com/FreePBX/core/blob/release/17.0/Core.class.php
# https://github.com/FreePBX/core/blob/release/17.0/module.xml
# https://github.com/FreePBX/core/blob/release/17.0/functions.inc/drivers/PJSip.class.php
# https://github.com/FreePBX/bulkhandler/blob/release/17.0/Bulkhandler.class.php writes them with fputcsv().
# https://github.com/FreePBX/callwaiting/blob/release/17.0/Callwaiting.class.php
FREEPBX_HEADER = (
    "extension,password,name,voicemail,ringtimer,noanswer,recording,outboundcid,sipname,noanswer_cid,busy_cid,"
    "chanunavail_cid,noanswer_dest,busy_dest,chanunavail_dest,mohclass,"
    "id,tech,dial,devicetype,user,description,emergency_cid,hint_override,"
    "cwtone,recording_in_external,recording_out_external,recording_in_internal,recording_out_internal,"
    "recording_ondemand,recording_priority,answermode,intercom,cid_masquerade,concurrency_limit,devicedata,"
    "accountcode,aggregate_mwi,allow,avpf,bundle,callerid,context,defaultuser,device_state_busy_at,direct_media,"
    "disallow,dtmfmode,force_callerid,force_rport,icesupport,mailbox,match,max_audio_streams,max_contacts,"
    "max_video_streams,maximum_expiration,md5_cred,media_address,media_encryption,media_encryption_optimistic,"
    "media_use_received_transport,message_context,minimum_expiration,mwi_subscription,namedcallgroup,"
    "namedpickupgroup,outbound_auth,outbound_proxy,qualifyfreq,refer_blind_progress,remove_existing,rewrite_contact,"
    "rtcp_mux,rtp_symmetric,rtp_timeout,rtp_timeout_hold,secret,send_connected_line,sendrpid,sipdriver,timers,"
    "timers_min_se,transport,trustrpid,user_eq_phone,vmexten,webrtc,callwaiting_enable"
)
FREEPBX_ROW = {
    "voicemail": "novm", "ringtimer": "0", "mohclass": "default", "tech": "pjsip", "devicetype": "fixed",
    "recording_in_external": "dontcare", "recording_ondemand": "disabled", "recording_priority": "10",
    "answermode": "disabled", "intercom": "enabled", "concurrency_limit": "3", "context": "from-internal",
    "max_contacts": "1", "qualifyfreq": "60", "sipdriver": "chan_pjsip", "transport": "0.0.0.0-udp", "webrtc": "no",
    "callwaiting_enable": "ENABLED",
}  # fmt: skip
# The columns that can be selected, in their order; array2csv() writes them with fputcsv().
# https://github.com/fusionpbx/fusionpbx/blob/master/app/extensions/extension_download.php
FUSIONPBX_HEADER = (
    "extension_uuid,domain_uuid,extension,number_alias,password,accountcode,effective_caller_id_name,"
    "effective_caller_id_number,outbound_caller_id_name,outbound_caller_id_number,emergency_caller_id_name,"
    "emergency_caller_id_number,directory_first_name,directory_last_name,directory_visible,directory_exten_visible,"
    "limit_max,limit_destination,missed_call_app,missed_call_data,user_context,toll_allow,call_timeout,call_group,"
    "call_screen_enabled,user_record,hold_music,auth_acl,cidr,sip_force_contact,nibble_account,sip_force_expires,"
    "mwi_account,sip_bypass_media,unique_id,dial_string,dial_user,dial_domain,do_not_disturb,forward_all_destination,"
    "forward_all_enabled,forward_busy_destination,forward_busy_enabled,forward_no_answer_destination,"
    "forward_no_answer_enabled,follow_me_uuid,enabled,description,absolute_codec_string,"
    "forward_user_not_registered_destination,forward_user_not_registered_enabled"
)
FUSIONPBX_ROW = {
    "extension_uuid": "5a1f0a0e-7f0c-4c3b-a1a4-5a0f6d2b7c11", "domain_uuid": "b3c9b0ee-2b66-44c6-8f65-1f3f7ad9c9f2",
    "directory_visible": "true", "directory_exten_visible": "true", "limit_max": "5",
    "limit_destination": "!USER_BUSY", "user_context": "pbx.example.org", "call_timeout": "30",
    "call_screen_enabled": "false", "forward_all_enabled": "false", "enabled": "true",
}  # fmt: skip


def file_of(header, row, *extensions):
    """Write extensions as PHP's fputcsv() does."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header.split(","), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | extension for extension in extensions)
    return read_table(read_text(text.getvalue().encode()))


def freepbx_extension(number, name, secret, **values):
    same = dict.fromkeys(("extension", "id", "user"), number) | dict.fromkeys(("name", "description"), name)
    other = {"dial": f"PJSIP/{number}", "callerid": f'"{name}" <{number}>', "mailbox": f"{number}@device"}
    return same | other | {"secret": secret} | values


def fusionpbx_extension(number, name, password, **values):
    first, _, last = name.partition(" ")
    names = {"effective_caller_id_name": name, "directory_first_name": first, "directory_last_name": last}
    return names | {"extension": number, "effective_caller_id_number": number, "password": password} | values


def saved(ctx, number):
    return next(one for one in current_state(ctx).accounts if one.number == number)


def import_accounts(ctx, table, **values):
    return account_import.import_accounts(ctx, WHO, table, PHONE, **{"name": "x.csv", "skip_refused": False} | values)


def test_bulk_handlers_export_is_imported_as_it_is(ctx, anna):
    table = file_of(
        FREEPBX_HEADER, FREEPBX_ROW,
        freepbx_extension("205", "Anna Nowak", "0b0cf7b2f0c64a1f8f8b2f6d1d0e7c55", recording_in_external="force"),
        freepbx_extension("320", "Anna Nowak", "9f8e7d6c5b4a39281706f5e4d3c2b1a0", max_contacts="3"),
    )  # fmt: skip
    done = import_accounts(ctx, table)
    assert (done.added, done.changed) == (1, 1)
    new, old = saved(ctx, 320), saved(ctx, 205)
    assert (new.user, new.phone, new.active, new.recording, new.max_contacts) == ("Anna Nowak", "other", True, False, 3)
    assert (old.user, old.phone, old.recording) == ("Anna Nowak", "builtin", True)
    assert account_secrets.reveal(ctx, WHO, new.id).text == "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
    assert {line.outcome for line in account_import.preview(ctx, table, PHONE).lines} == {"unchanged"}


def test_what_freepbx_allows_and_sipweb_does_not_is_refused_line_by_line(ctx, anna):
    table = file_of(
        FREEPBX_HEADER, FREEPBX_ROW,
        freepbx_extension("1001", "Anna Nowak", "0b0cf7b2f0c64a1f8f8b2f6d1d0e7c55"),
        freepbx_extension("321", "Anna Nowak", "secret"), freepbx_extension("322", "Nobody", ""),
        freepbx_extension("323", "Anna Nowak", "0b0cf7b2f0c64a1f8f8b2f6d1d0e7c55", max_contacts="20"),
        freepbx_extension("324", "Anna Nowak", ""),
    )  # fmt: skip
    lines = account_import.preview(ctx, table, PHONE).lines
    assert [(line.line, line.key, str(line.refusal)) for line in lines if line.refusal] == [
        (2, "1001", "Enter a three-digit number from 100 to 999."),
        (3, "321", "Use at least 12 characters."),
        (4, "322", "No active user matches 'Nobody'. Enter a name or a login."),
        (5, "323", "Enter a whole number from 1 to 10."),
    ]
    assert import_accounts(ctx, table, skip_refused=True).added == 1
    assert len(account_secrets.reveal(ctx, WHO, saved(ctx, 324).id).text) == 20


def test_names_that_are_no_users_are_not_imported(ctx):
    table = file_of(FREEPBX_HEADER, FREEPBX_ROW, freepbx_extension("320", "Reception", ""))
    assert "user" not in account_import.guess_columns(ctx, table)
    import_accounts(ctx, table)
    assert saved(ctx, 320).user == "Automat Automat"


def test_fusionpbx_export_is_imported_as_it_is(ctx, anna):
    table = file_of(
        FUSIONPBX_HEADER, FUSIONPBX_ROW,
        fusionpbx_extension("320", "Anna Nowak", "J!m#2kQ$9zPw", user_record="all"),
        fusionpbx_extension("321", "Anna Nowak", "=J!m#2kQ$9zPw", enabled="false"),
    )  # fmt: skip
    assert import_accounts(ctx, table).added == 2
    first, second = saved(ctx, 320), saved(ctx, 321)
    assert (first.user, first.phone, first.active, first.recording) == ("Anna Nowak", "other", True, True)
    assert (second.active, second.recording) == (False, False)
    assert account_secrets.reveal(ctx, WHO, second.id).text == "=J!m#2kQ$9zPw"


def test_only_the_columns_that_somebody_selected_in_fusionpbx_suffice(ctx):
    table = read_table("extension,password\n320,J!m#2kQ$9zPw\n321,\n")
    assert import_accounts(ctx, table).added == 2
    assert saved(ctx, 321).phone == "other"
