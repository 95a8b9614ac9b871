BEGIN TRANSACTION;
CREATE TABLE account (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	number INTEGER NOT NULL, 
	user_id INTEGER, 
	phone VARCHAR(20) NOT NULL, 
	active BOOLEAN NOT NULL, 
	recording BOOLEAN NOT NULL, 
	level INTEGER NOT NULL, 
	secret TEXT NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, max_contacts INTEGER DEFAULT 1 NOT NULL CONSTRAINT ck_account_max_contacts CHECK (max_contacts BETWEEN 1 AND 10), pickup_group INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_account_pickup_group CHECK (pickup_group BETWEEN 0 AND 63), 
	CONSTRAINT ck_account_phone CHECK (phone IN ('builtin', 'other')), 
	CONSTRAINT ck_account_level CHECK (level BETWEEN 0 AND 100), 
	CONSTRAINT ck_account_number CHECK (number BETWEEN 100 AND 999), 
	CONSTRAINT fk_account_user_id_user FOREIGN KEY(user_id) REFERENCES user (id), 
	CONSTRAINT uq_account_number UNIQUE (number)
);
INSERT INTO "account" VALUES(1,200,NULL,'builtin',1,0,10,'gAAAAABrCO9CPoK2zdKv8V7BukRTStTOTcKSMU7znBtQDUD_jeLulnfNQ4v548NJMRyer5-npIGcHpU2Xi1Lq3X4fyYEzPPQlqwc8QMVMKFX_0AR7uXSfqU=','0187d18348c93b8d561f1e811ee3e5c3',1,2,1,0);
INSERT INTO "account" VALUES(2,201,2,'other',1,1,55,'gAAAAABrCO9DTWwmh4o-ErKxwOy6vO0JeiLDJKq5sGNtNIaXec4KqHRdQj2pNv8yHMeI8IZBMvUa51wjxjtHvIoIZo5d4KBQTqfQndMwTBuMzb2W-xOrnbA=','54b9ea244c7e665965b9cfd34a714934',2,26,1,0);
INSERT INTO "account" VALUES(3,202,NULL,'other',1,0,10,'gAAAAABrCO9C12pxTlbIvxda_ca-Y9sXtWrmLz0BlvaSw4CKeukrbuOyWG26MHv69L8ZRhrZRZwObXea8tCxUe0lNeEq8-m4E9LrbAfphEzC8aWOJvbavQY=','22faec7371d7bc7d52c41025af16d225',2,28,3,5);
INSERT INTO "account" VALUES(4,203,NULL,'builtin',1,0,33,'gAAAAABrCO9Czmk2ZzXY5dG6xPYcADe_tBrlk3DmJL2gwyThRJwqlkp0A0VqfeOex7kPer1_Dtsklnf3llzBvpPIB-1yPfQZUHkj6H_YAmQ-uUiZyFPl_LM=','4473cebf7706cda8dd1cc514617d525e',2,36,1,0);
INSERT INTO "account" VALUES(5,204,NULL,'builtin',1,0,10,'gAAAAABrCO9Db52IS4XO-XZinYjklyD2B1m8arcKRZgdL65wMiqke07rZ2Qt1e-JO1Vpp3xAlhLBEKZ5LFCmirVLrR723tqtpgXOdyv0x3v2g-lWd0av2W8=','6cb5f1b2cf71f923ca36b7889c5ea9be',2,37,1,0);
INSERT INTO "account" VALUES(6,205,NULL,'builtin',1,0,10,'gAAAAABrCO9CZ9zLViSR2Iz8MO8IWXPxVQKZTYAYXpdTZTH7qX_bahdTSGOykWxLpPVfKQq7l6zkSuLki6Rl-uxThRARrnLxIpX3ixardpXKr7Ja5Xl4LBk=','17b8a98840777b1cf892b74780f701d2',1,7,1,0);
INSERT INTO "account" VALUES(7,206,NULL,'builtin',1,0,10,'gAAAAABrCO9C2hwP7DNK_uXjDsUDdc5FWPpSjDz9qj95fZ4Dv0BXDWg21SNzvPREQSJSK2ve-kuIvPfM9gbbFdDFl1A_8BH0zN-ycsMkHxX0-R1G2lLP5WM=','29421e448eaa28955a6dac98b13eaade',1,8,1,0);
INSERT INTO "account" VALUES(8,207,NULL,'builtin',1,0,10,'gAAAAABrCO9CDsT3cYUnsYzZS2mMoHIwsenA92ImuCQ5ZeNosTpSjqCwZqhWvqV_4HzdVszTniorbgwOdWUQvREcQ8JLzTVoFYHBnEeeAITtIrZ4EWDFf-k=','8005236c7a4ce4f0dcf65c5af4f456dc',1,9,1,0);
INSERT INTO "account" VALUES(9,208,NULL,'builtin',1,0,10,'gAAAAABrCO9CvrREjiPwKxh9RrL0g8u3ayyxoLQRtRfzcJn5dirMcaHBhFHGNAWIP7xBn2uSpwyhLl7Sp-GXryDTRC_KwLvICr1SCtHQ5pkB2eMZ2HCWxNE=','69adddee107f0c4df0ef49be2258ee38',1,10,1,0);
INSERT INTO "account" VALUES(10,209,NULL,'builtin',1,0,10,'gAAAAABrCO9CPp81wiKlEK03KyqaELNeXMZTMg9DEOojHoTfaftcHaeiJLSChLgwSnea95aMrc_aiTnRb_Jswp5H2gHNXsyJXnTd8nOQan0U9AomB0pT2o4=','1e873c5408650770b3fea81b82d0e90c',1,11,1,0);
INSERT INTO "account" VALUES(11,210,NULL,'builtin',1,0,10,'gAAAAABrCO9CclWn6_w8wSgfH52UVd-MabA17U_3ptV_ZhQLP9Fs4L6EhRsLWTquIjkJC8OC9LlCO8EqBBkc4xBhtoGFDFK7IyYU3XscCKPWm5jI99STfYk=','02347a5604a6b2a0377cde0df64ac5f3',1,12,1,0);
INSERT INTO "account" VALUES(12,211,NULL,'builtin',1,0,10,'gAAAAABrCO9CJYwRldDim4E1bnoY58iEl6VJEzEsS0B8-_YznFn6KPigJXkmmXn7Y9uI06BLybmE0Ynl1TXLMRFR_J-lf-xHJVDKvk9oyiDuYEb09C4iatE=','90b45cdfdc5a4b81a7613668842cb847',1,13,1,0);
INSERT INTO "account" VALUES(13,212,NULL,'builtin',1,0,10,'gAAAAABrCO9C2hAmYq1hLGDawKtTXBD9m5LkDtf_WZ_bniVu08HvoQbn2pCF9XHDkHdnqlfdWj_rNHPC8Feer4bYzYORbxmRGNvRkyiJUtZ9sv2HVHgnNto=','8ba8a9e7f01584773eae32799ed22d97',1,14,1,0);
INSERT INTO "account" VALUES(14,213,NULL,'builtin',1,0,10,'gAAAAABrCO9CS0WG6H-HqorPnwsM8EnkTNuMsD080Ijlu3M7-PQnxFlcd56zuJlUQS-vIfZuuxPLJ0MsknHZg-ql06dy805S0_HQGUtm0Jm6nDEqqvxAqeI=','a37b88c4ea3a85bc2d4802aa2bbb362d',1,15,1,0);
INSERT INTO "account" VALUES(15,214,NULL,'builtin',1,0,10,'gAAAAABrCO9CwZMBEB1jf1RR4ueKHa9lsQ5DqCT2mqzozpxfmrqjx7gvwiT2-O2HT74quLsbjCG_sddpNyh6CHemM2aDkfOK4BHZTdwsGDE15YMzhALkDrI=','4ba709b81c4d4a84d02cec6d9c042f87',1,16,1,0);
INSERT INTO "account" VALUES(16,215,NULL,'builtin',1,0,10,'gAAAAABrCO9CNw9KiOcDU4VjfnWOIaGCSwBOgedvuLXjxROJvKlcUFeoCVOQ0mKNe_dnCGfRdTsgmaKrYK1xQeQMvVKDxAQaPiTzAsxspco8Eangbie-6So=','7f63201be80beb4e40910beaf2e18d03',1,17,1,0);
INSERT INTO "account" VALUES(17,216,NULL,'builtin',1,0,10,'gAAAAABrCO9CQzGB7UcePK4zdWCJwcReHHDCXa0whDfmyOVDBLl_wXEC97BWvQ9QTxIv5V5DcWmqJtB7lk-7oP5taEXKRe8TU4KsHpTp6XYu8FCITTPRjsk=','257064a362c4266e3b424c68185799e0',1,18,1,0);
INSERT INTO "account" VALUES(18,217,NULL,'builtin',1,0,10,'gAAAAABrCO9CXwtete02pDpOFU0G-MY3IDxv6mJ1LfusT-sIr92e5mPcxcfhRCGzYtQUZXMlt1Aomji15UOGqn70oJbctYHI7Yi3oGcM53ANxLBlkslZ6Wk=','470cebf872fd228901728b2c92ef671f',1,19,1,0);
INSERT INTO "account" VALUES(19,218,NULL,'builtin',1,0,10,'gAAAAABrCO9C-li5sLiaqLYP85frWModUAaK3gSTkn0WL4GuV9wxAxC5aVN22NOeOpIrXrqptUISNtFhEBooiRMaMOfGIl9on0SKYm_bH3ML2urKoWCxZAQ=','0661b924236c06147bfa5424510984f7',1,20,1,0);
INSERT INTO "account" VALUES(20,219,NULL,'builtin',0,0,10,'gAAAAABrCO9CjRr9ntUwsfShh3jhKDg9xW0NMT4iwqTAVvqIb2TvR8TuPlwSaGtIjBZAX8cQt_pL6vnsXnNqlkeFzFMchP_SYGbE9jjXyWceErMkPpDMuoU=','ecaa91f3c41e4daad74f3a080141d0f6',2,27,1,0);
CREATE TABLE acknowledgement (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	subject VARCHAR(20) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	actor_name VARCHAR(80) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT uq_acknowledgement_fingerprint UNIQUE (fingerprint)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0011');
CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	created_at DATETIME NOT NULL, 
	"actor_name" VARCHAR(80) NOT NULL, 
	ip_address VARCHAR(64) NOT NULL, 
	action VARCHAR(40) NOT NULL, 
	account_id INTEGER, 
	user_id INTEGER, 
	subject VARCHAR(80) NOT NULL, 
	changes JSON NOT NULL
, trunk_id INTEGER, route_id INTEGER);
INSERT INTO "audit" VALUES(1,'2026-11-27 02:47:30.675206','flask setup','terminal','user.add',NULL,1,'admin','{"role": [null, "administrator"]}',NULL,NULL);
INSERT INTO "audit" VALUES(2,'2026-11-27 02:47:30.806591','flask setup','terminal','account.add',1,NULL,'200','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(3,'2026-11-27 02:47:30.812720','flask setup','terminal','account.add',2,NULL,'201','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(4,'2026-11-27 02:47:30.816553','flask setup','terminal','account.add',3,NULL,'202','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(5,'2026-11-27 02:47:30.820448','flask setup','terminal','account.add',4,NULL,'203','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(6,'2026-11-27 02:47:30.823996','flask setup','terminal','account.add',5,NULL,'204','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(7,'2026-11-27 02:47:30.826943','flask setup','terminal','account.add',6,NULL,'205','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(8,'2026-11-27 02:47:30.832400','flask setup','terminal','account.add',7,NULL,'206','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(9,'2026-11-27 02:47:30.836480','flask setup','terminal','account.add',8,NULL,'207','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(10,'2026-11-27 02:47:30.840484','flask setup','terminal','account.add',9,NULL,'208','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(11,'2026-11-27 02:47:30.844478','flask setup','terminal','account.add',10,NULL,'209','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(12,'2026-11-27 02:47:30.848495','flask setup','terminal','account.add',11,NULL,'210','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(13,'2026-11-27 02:47:30.852525','flask setup','terminal','account.add',12,NULL,'211','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(14,'2026-11-27 02:47:30.856436','flask setup','terminal','account.add',13,NULL,'212','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(15,'2026-11-27 02:47:30.857815','flask setup','terminal','account.add',14,NULL,'213','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(16,'2026-11-27 02:47:30.864387','flask setup','terminal','account.add',15,NULL,'214','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(17,'2026-11-27 02:47:30.868456','flask setup','terminal','account.add',16,NULL,'215','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(18,'2026-11-27 02:47:30.872438','flask setup','terminal','account.add',17,NULL,'216','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(19,'2026-11-27 02:47:30.873935','flask setup','terminal','account.add',18,NULL,'217','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(20,'2026-11-27 02:47:30.876946','flask setup','terminal','account.add',19,NULL,'218','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(21,'2026-11-27 02:47:30.884416','flask setup','terminal','account.add',20,NULL,'219','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(22,'2026-11-27 02:47:30.952221','flask setup','terminal','generation.written',NULL,NULL,'1','{}',NULL,NULL);
INSERT INTO "audit" VALUES(23,'2026-11-27 02:47:31.031473','Administrator','192.0.2.1','user.add',NULL,2,'anna','{"role": [null, "agent"]}',NULL,NULL);
INSERT INTO "audit" VALUES(24,'2026-11-27 02:47:31.069408','Administrator','192.0.2.1','user.add',NULL,3,'piotr','{"role": [null, "agent"]}',NULL,NULL);
INSERT INTO "audit" VALUES(25,'2026-11-27 02:47:31.081998','Administrator','192.0.2.1','account.edit',2,NULL,'201','{"user": ["Automat Automat", "Anna \u017b\u00f3\u0142\u0107"], "phone": ["builtin", "other"], "recording": [false, true], "level": [10, 55], "secret": []}',NULL,NULL);
INSERT INTO "audit" VALUES(26,'2026-11-27 02:47:31.084560','Administrator','192.0.2.1','account.edit',20,NULL,'219','{"active": [true, false]}',NULL,NULL);
INSERT INTO "audit" VALUES(27,'2026-11-27 02:47:31.088024','Administrator','192.0.2.1','account.edit',3,NULL,'202','{"phone": ["builtin", "other"], "max_contacts": [1, 3], "pickup_group": [0, 5]}',NULL,NULL);
INSERT INTO "audit" VALUES(28,'2026-11-27 02:47:31.096681','Administrator','192.0.2.1','trunk.add',NULL,NULL,'Zielony','{"name": [null, "Zielony"], "host": [null, "127.0.0.1"], "port": [null, 5999], "transport": [null, "udp"], "username": [null, "centrum"], "caller_id": [null, "+48221234567"], "realm": [null, ""], "register": [null, true], "active": [null, true], "from_user": [null, "centrum"], "from_domain": [null, "example.com"], "send_pai": [null, true], "dtmf_mode": [null, "info"], "secret": []}',1,NULL);
INSERT INTO "audit" VALUES(29,'2026-11-27 02:47:31.098771','Administrator','192.0.2.1','trunk.add',NULL,NULL,'Szary','{"name": [null, "Szary"], "host": [null, "backup.example.com"], "port": [null, 5060], "transport": [null, "udp"], "username": [null, ""], "caller_id": [null, ""], "realm": [null, ""], "register": [null, false], "active": [null, true], "from_user": [null, ""], "from_domain": [null, ""], "send_pai": [null, false], "dtmf_mode": [null, "auto"]}',2,NULL);
INSERT INTO "audit" VALUES(30,'2026-11-27 02:47:31.105239','Administrator','192.0.2.1','route.add',NULL,NULL,'Miejskie','{"name": [null, "Miejskie"], "pattern": [null, "0[1-9].*"], "level": [null, 10], "trunk_id": [null, "Zielony"], "strip_digits": [null, 1], "prepend_digits": [null, "+48"], "emergency": [null, false], "active": [null, true], "position": [null, 1]}',NULL,1);
INSERT INTO "audit" VALUES(31,'2026-11-27 02:47:31.108548','Administrator','192.0.2.1','route.add',NULL,NULL,'Alarmowe','{"name": [null, "Alarmowe"], "pattern": [null, "112|99[789]"], "level": [null, 0], "trunk_id": [null, "Szary"], "strip_digits": [null, 0], "prepend_digits": [null, ""], "emergency": [null, true], "active": [null, true], "position": [null, 2]}',NULL,2);
INSERT INTO "audit" VALUES(32,'2026-11-27 02:47:31.113722','Administrator','192.0.2.1','route.add',NULL,NULL,'Zagraniczne','{"name": [null, "Zagraniczne"], "pattern": [null, "00.+"], "level": [null, 80], "trunk_id": [null, "Szary"], "strip_digits": [null, 2], "prepend_digits": [null, "+"], "emergency": [null, false], "active": [null, true], "position": [null, 3]}',NULL,3);
INSERT INTO "audit" VALUES(33,'2026-11-27 02:47:31.158617','Administrator','192.0.2.1','generation.written',NULL,NULL,'2','{}',NULL,NULL);
INSERT INTO "audit" VALUES(34,'2026-11-27 02:47:31.161206','Administrator','192.0.2.1','account.edit',4,NULL,'203','{"level": [10, 33]}',NULL,NULL);
INSERT INTO "audit" VALUES(35,'2026-11-27 02:47:31.165763','Administrator','192.0.2.1','account.secret',5,NULL,'204','{}',NULL,NULL);
INSERT INTO "audit" VALUES(36,'2026-11-27 02:47:31.192846','Administrator','192.0.2.1','generation.written',NULL,NULL,'3','{}',NULL,NULL);
CREATE TABLE call (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	host VARCHAR(80) NOT NULL, 
	unique_id VARCHAR(80) NOT NULL, 
	linked_id VARCHAR(80) NOT NULL, 
	started_at DATETIME NOT NULL, 
	answered_at DATETIME, 
	ended_at DATETIME NOT NULL, 
	caller VARCHAR(32) NOT NULL, 
	caller_id INTEGER, 
	caller_name VARCHAR(80) NOT NULL, 
	number VARCHAR(32) NOT NULL, 
	callee VARCHAR(32) NOT NULL, 
	callee_id INTEGER, 
	callee_name VARCHAR(80) NOT NULL, 
	transferred_by VARCHAR(32) NOT NULL, 
	result VARCHAR(20) NOT NULL, 
	cause INTEGER, 
	sip_status INTEGER, 
	trunk VARCHAR(80) NOT NULL, 
	trunks TEXT NOT NULL, 
	recording VARCHAR(60) NOT NULL, 
	loss FLOAT, 
	jitter FLOAT, 
	round_trip FLOAT, 
	search VARCHAR(330) NOT NULL
);
INSERT INTO "call" VALUES(1,'pbx','1.1','','2026-11-27 02:47:31.194984',NULL,'2026-11-27 02:47:31.194987','201',NULL,'','202','202',NULL,'','','answered',NULL,NULL,'','','',NULL,NULL,NULL,'');
CREATE TABLE drift (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	host VARCHAR(80) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	field VARCHAR(80) NOT NULL, 
	expected TEXT NOT NULL, 
	actual TEXT NOT NULL, 
	first_seen_at DATETIME NOT NULL
);
CREATE TABLE drift_check (
	host VARCHAR(80) NOT NULL, 
	generation INTEGER NOT NULL, 
	checked_at DATETIME NOT NULL, 
	CONSTRAINT pk_drift_check PRIMARY KEY (host)
);
CREATE TABLE event (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	host VARCHAR(80) NOT NULL, 
	created_at DATETIME NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	account_id INTEGER, 
	trunk_id INTEGER, 
	route_id INTEGER, 
	generation INTEGER, 
	number INTEGER, 
	address VARCHAR(80) NOT NULL, 
	reason VARCHAR(80) NOT NULL, 
	count INTEGER NOT NULL, 
	CONSTRAINT ck_event_kind CHECK (kind IN ('registered', 'moved', 'unregistered', 'auth_failed', 'generated'))
);
INSERT INTO "event" VALUES(1,'pbx','2026-11-27 02:47:30.947288','generated',1,NULL,NULL,1,200,'','added',1);
INSERT INTO "event" VALUES(2,'pbx','2026-11-27 02:47:30.947298','generated',2,NULL,NULL,1,201,'','added',1);
INSERT INTO "event" VALUES(3,'pbx','2026-11-27 02:47:30.947300','generated',3,NULL,NULL,1,202,'','added',1);
INSERT INTO "event" VALUES(4,'pbx','2026-11-27 02:47:30.947301','generated',4,NULL,NULL,1,203,'','added',1);
INSERT INTO "event" VALUES(5,'pbx','2026-11-27 02:47:30.947302','generated',5,NULL,NULL,1,204,'','added',1);
INSERT INTO "event" VALUES(6,'pbx','2026-11-27 02:47:30.947304','generated',6,NULL,NULL,1,205,'','added',1);
INSERT INTO "event" VALUES(7,'pbx','2026-11-27 02:47:30.947305','generated',7,NULL,NULL,1,206,'','added',1);
INSERT INTO "event" VALUES(8,'pbx','2026-11-27 02:47:30.947307','generated',8,NULL,NULL,1,207,'','added',1);
INSERT INTO "event" VALUES(9,'pbx','2026-11-27 02:47:30.947309','generated',9,NULL,NULL,1,208,'','added',1);
INSERT INTO "event" VALUES(10,'pbx','2026-11-27 02:47:30.947311','generated',10,NULL,NULL,1,209,'','added',1);
INSERT INTO "event" VALUES(11,'pbx','2026-11-27 02:47:30.947312','generated',11,NULL,NULL,1,210,'','added',1);
INSERT INTO "event" VALUES(12,'pbx','2026-11-27 02:47:30.947315','generated',12,NULL,NULL,1,211,'','added',1);
INSERT INTO "event" VALUES(13,'pbx','2026-11-27 02:47:30.947317','generated',13,NULL,NULL,1,212,'','added',1);
INSERT INTO "event" VALUES(14,'pbx','2026-11-27 02:47:30.947318','generated',14,NULL,NULL,1,213,'','added',1);
INSERT INTO "event" VALUES(15,'pbx','2026-11-27 02:47:30.947319','generated',15,NULL,NULL,1,214,'','added',1);
INSERT INTO "event" VALUES(16,'pbx','2026-11-27 02:47:30.947320','generated',16,NULL,NULL,1,215,'','added',1);
INSERT INTO "event" VALUES(17,'pbx','2026-11-27 02:47:30.947321','generated',17,NULL,NULL,1,216,'','added',1);
INSERT INTO "event" VALUES(18,'pbx','2026-11-27 02:47:30.947322','generated',18,NULL,NULL,1,217,'','added',1);
INSERT INTO "event" VALUES(19,'pbx','2026-11-27 02:47:30.947323','generated',19,NULL,NULL,1,218,'','added',1);
INSERT INTO "event" VALUES(20,'pbx','2026-11-27 02:47:30.947324','generated',20,NULL,NULL,1,219,'','added',1);
INSERT INTO "event" VALUES(21,'pbx','2026-11-27 02:47:31.157998','generated',20,NULL,NULL,2,219,'','removed',1);
INSERT INTO "event" VALUES(22,'pbx','2026-11-27 02:47:31.158005','generated',2,NULL,NULL,2,201,'','changed',1);
INSERT INTO "event" VALUES(23,'pbx','2026-11-27 02:47:31.158006','generated',3,NULL,NULL,2,202,'','changed',1);
INSERT INTO "event" VALUES(24,'pbx','2026-11-27 02:47:31.158014','generated',NULL,1,NULL,2,NULL,'','added',1);
INSERT INTO "event" VALUES(25,'pbx','2026-11-27 02:47:31.158016','generated',NULL,2,NULL,2,NULL,'','added',1);
INSERT INTO "event" VALUES(26,'pbx','2026-11-27 02:47:31.158019','generated',NULL,NULL,1,2,NULL,'','added',1);
INSERT INTO "event" VALUES(27,'pbx','2026-11-27 02:47:31.158049','generated',NULL,NULL,2,2,NULL,'','added',1);
INSERT INTO "event" VALUES(28,'pbx','2026-11-27 02:47:31.158051','generated',NULL,NULL,3,2,NULL,'','added',1);
INSERT INTO "event" VALUES(29,'pbx','2026-11-27 02:47:31.192708','generated',4,NULL,NULL,3,203,'','changed',1);
INSERT INTO "event" VALUES(30,'pbx','2026-11-27 02:47:31.192713','generated',5,NULL,NULL,3,204,'','changed',1);
CREATE TABLE generation (
	number INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	"created_by" VARCHAR(80) NOT NULL, 
	digest VARCHAR(16) NOT NULL, 
	snapshot TEXT NOT NULL, 
	previous_number INTEGER, 
	steps JSON NOT NULL, 
	outcome JSON, 
	differences JSON NOT NULL, files JSON, 
	CONSTRAINT pk_generation PRIMARY KEY (number), 
	CONSTRAINT ck_generation_state CHECK (state IN ('running', 'written', 'verified', 'refused', 'interrupted'))
);
INSERT INTO "generation" VALUES(1,'written','2026-11-27 02:47:30.913493','2026-11-27 02:47:30.945305','flask setup','c37934cca5bdc575','{"accounts":[{"fingerprint":"0187d18348c93b8d561f1e811ee3e5c3","id":1,"level":10,"max_contacts":1,"number":200,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CPoK2zdKv8V7BukRTStTOTcKSMU7znBtQDUD_jeLulnfNQ4v548NJMRyer5-npIGcHpU2Xi1Lq3X4fyYEzPPQlqwc8QMVMKFX_0AR7uXSfqU=","user":"Automat Automat","user_id":null},{"fingerprint":"c3243f1437778b9fbef5c2214ebadbbf","id":2,"level":10,"max_contacts":1,"number":201,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9C1wPF7NRcAMErxw4R_1j04Is2UHKRxQwYdtt05E2rHxqm7q8L2LEWS3KF0OP6KJry2rHCqH76DDJGD2Jx8ZDzGOeUqN8pEPhiiRvfVS_71Lc=","user":"Automat Automat","user_id":null},{"fingerprint":"22faec7371d7bc7d52c41025af16d225","id":3,"level":10,"max_contacts":1,"number":202,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9C12pxTlbIvxda_ca-Y9sXtWrmLz0BlvaSw4CKeukrbuOyWG26MHv69L8ZRhrZRZwObXea8tCxUe0lNeEq8-m4E9LrbAfphEzC8aWOJvbavQY=","user":"Automat Automat","user_id":null},{"fingerprint":"4473cebf7706cda8dd1cc514617d525e","id":4,"level":10,"max_contacts":1,"number":203,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9Czmk2ZzXY5dG6xPYcADe_tBrlk3DmJL2gwyThRJwqlkp0A0VqfeOex7kPer1_Dtsklnf3llzBvpPIB-1yPfQZUHkj6H_YAmQ-uUiZyFPl_LM=","user":"Automat Automat","user_id":null},{"fingerprint":"2b72cc50f73fe41660e43e6a049734b8","id":5,"level":10,"max_contacts":1,"number":204,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9Ct0PhfJc_6u0xZHtiqiZg4Bk915vcqCwhvgmV9sTO9ECN4XHvbgT5NkUri4sjFhjO17gPXu5ghfbyrEm3XruJw6lye57TTV2g-MTV6jrbWFo=","user":"Automat Automat","user_id":null},{"fingerprint":"17b8a98840777b1cf892b74780f701d2","id":6,"level":10,"max_contacts":1,"number":205,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CZ9zLViSR2Iz8MO8IWXPxVQKZTYAYXpdTZTH7qX_bahdTSGOykWxLpPVfKQq7l6zkSuLki6Rl-uxThRARrnLxIpX3ixardpXKr7Ja5Xl4LBk=","user":"Automat Automat","user_id":null},{"fingerprint":"29421e448eaa28955a6dac98b13eaade","id":7,"level":10,"max_contacts":1,"number":206,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9C2hwP7DNK_uXjDsUDdc5FWPpSjDz9qj95fZ4Dv0BXDWg21SNzvPREQSJSK2ve-kuIvPfM9gbbFdDFl1A_8BH0zN-ycsMkHxX0-R1G2lLP5WM=","user":"Automat Automat","user_id":null},{"fingerprint":"8005236c7a4ce4f0dcf65c5af4f456dc","id":8,"level":10,"max_contacts":1,"number":207,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CDsT3cYUnsYzZS2mMoHIwsenA92ImuCQ5ZeNosTpSjqCwZqhWvqV_4HzdVszTniorbgwOdWUQvREcQ8JLzTVoFYHBnEeeAITtIrZ4EWDFf-k=","user":"Automat Automat","user_id":null},{"fingerprint":"69adddee107f0c4df0ef49be2258ee38","id":9,"level":10,"max_contacts":1,"number":208,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CvrREjiPwKxh9RrL0g8u3ayyxoLQRtRfzcJn5dirMcaHBhFHGNAWIP7xBn2uSpwyhLl7Sp-GXryDTRC_KwLvICr1SCtHQ5pkB2eMZ2HCWxNE=","user":"Automat Automat","user_id":null},{"fingerprint":"1e873c5408650770b3fea81b82d0e90c","id":10,"level":10,"max_contacts":1,"number":209,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CPp81wiKlEK03KyqaELNeXMZTMg9DEOojHoTfaftcHaeiJLSChLgwSnea95aMrc_aiTnRb_Jswp5H2gHNXsyJXnTd8nOQan0U9AomB0pT2o4=","user":"Automat Automat","user_id":null},{"fingerprint":"02347a5604a6b2a0377cde0df64ac5f3","id":11,"level":10,"max_contacts":1,"number":210,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CclWn6_w8wSgfH52UVd-MabA17U_3ptV_ZhQLP9Fs4L6EhRsLWTquIjkJC8OC9LlCO8EqBBkc4xBhtoGFDFK7IyYU3XscCKPWm5jI99STfYk=","user":"Automat Automat","user_id":null},{"fingerprint":"90b45cdfdc5a4b81a7613668842cb847","id":12,"level":10,"max_contacts":1,"number":211,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CJYwRldDim4E1bnoY58iEl6VJEzEsS0B8-_YznFn6KPigJXkmmXn7Y9uI06BLybmE0Ynl1TXLMRFR_J-lf-xHJVDKvk9oyiDuYEb09C4iatE=","user":"Automat Automat","user_id":null},{"fingerprint":"8ba8a9e7f01584773eae32799ed22d97","id":13,"level":10,"max_contacts":1,"number":212,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9C2hAmYq1hLGDawKtTXBD9m5LkDtf_WZ_bniVu08HvoQbn2pCF9XHDkHdnqlfdWj_rNHPC8Feer4bYzYORbxmRGNvRkyiJUtZ9sv2HVHgnNto=","user":"Automat Automat","user_id":null},{"fingerprint":"a37b88c4ea3a85bc2d4802aa2bbb362d","id":14,"level":10,"max_contacts":1,"number":213,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CS0WG6H-HqorPnwsM8EnkTNuMsD080Ijlu3M7-PQnxFlcd56zuJlUQS-vIfZuuxPLJ0MsknHZg-ql06dy805S0_HQGUtm0Jm6nDEqqvxAqeI=","user":"Automat Automat","user_id":null},{"fingerprint":"4ba709b81c4d4a84d02cec6d9c042f87","id":15,"level":10,"max_contacts":1,"number":214,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CwZMBEB1jf1RR4ueKHa9lsQ5DqCT2mqzozpxfmrqjx7gvwiT2-O2HT74quLsbjCG_sddpNyh6CHemM2aDkfOK4BHZTdwsGDE15YMzhALkDrI=","user":"Automat Automat","user_id":null},{"fingerprint":"7f63201be80beb4e40910beaf2e18d03","id":16,"level":10,"max_contacts":1,"number":215,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CNw9KiOcDU4VjfnWOIaGCSwBOgedvuLXjxROJvKlcUFeoCVOQ0mKNe_dnCGfRdTsgmaKrYK1xQeQMvVKDxAQaPiTzAsxspco8Eangbie-6So=","user":"Automat Automat","user_id":null},{"fingerprint":"257064a362c4266e3b424c68185799e0","id":17,"level":10,"max_contacts":1,"number":216,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CQzGB7UcePK4zdWCJwcReHHDCXa0whDfmyOVDBLl_wXEC97BWvQ9QTxIv5V5DcWmqJtB7lk-7oP5taEXKRe8TU4KsHpTp6XYu8FCITTPRjsk=","user":"Automat Automat","user_id":null},{"fingerprint":"470cebf872fd228901728b2c92ef671f","id":18,"level":10,"max_contacts":1,"number":217,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CXwtete02pDpOFU0G-MY3IDxv6mJ1LfusT-sIr92e5mPcxcfhRCGzYtQUZXMlt1Aomji15UOGqn70oJbctYHI7Yi3oGcM53ANxLBlkslZ6Wk=","user":"Automat Automat","user_id":null},{"fingerprint":"0661b924236c06147bfa5424510984f7","id":19,"level":10,"max_contacts":1,"number":218,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9C-li5sLiaqLYP85frWModUAaK3gSTkn0WL4GuV9wxAxC5aVN22NOeOpIrXrqptUISNtFhEBooiRMaMOfGIl9on0SKYm_bH3ML2urKoWCxZAQ=","user":"Automat Automat","user_id":null},{"fingerprint":"ecaa91f3c41e4daad74f3a080141d0f6","id":20,"level":10,"max_contacts":1,"number":219,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CjRr9ntUwsfShh3jhKDg9xW0NMT4iwqTAVvqIb2TvR8TuPlwSaGtIjBZAX8cQt_pL6vnsXnNqlkeFzFMchP_SYGbE9jjXyWceErMkPpDMuoU=","user":"Automat Automat","user_id":null}],"inactive":[],"renderer_version":11,"routes":[],"settings":{"caller_name_outside":false,"codecs":["alaw","ulaw","g722"],"echo_test":"*43","emergency_numbers":["112","997","998","999"],"fallback_caller_id":"","pickup":"*8","realm":"sipweb","ring_seconds":180,"srtp":"optional","withhold_prefix":"*67"},"trunks":[]}',NULL,'[{"name": "rendered", "ms": 1, "count": 20}, {"name": "written", "ms": 23, "count": 2}]',NULL,'[]','{"pjsip.conf": "fa36858281825799320518a84391d041cab60dbbeeddb1d855526529c9a2226f", "extensions.conf": "c078a08b217f9ad394b12a06ab67e3ef4c5a21933965cbe8363c4c5abd8400e7"}');
INSERT INTO "generation" VALUES(2,'written','2026-11-27 02:47:31.135386','2026-11-27 02:47:31.156574','Administrator','53b30eb6621d6a88','{"accounts":[{"fingerprint":"0187d18348c93b8d561f1e811ee3e5c3","id":1,"level":10,"max_contacts":1,"number":200,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CPoK2zdKv8V7BukRTStTOTcKSMU7znBtQDUD_jeLulnfNQ4v548NJMRyer5-npIGcHpU2Xi1Lq3X4fyYEzPPQlqwc8QMVMKFX_0AR7uXSfqU=","user":"Automat Automat","user_id":null},{"fingerprint":"54b9ea244c7e665965b9cfd34a714934","id":2,"level":55,"max_contacts":1,"number":201,"phone":"other","pickup_group":0,"recording":true,"secret":"gAAAAABrCO9DTWwmh4o-ErKxwOy6vO0JeiLDJKq5sGNtNIaXec4KqHRdQj2pNv8yHMeI8IZBMvUa51wjxjtHvIoIZo5d4KBQTqfQndMwTBuMzb2W-xOrnbA=","user":"Anna Żółć","user_id":2},{"fingerprint":"22faec7371d7bc7d52c41025af16d225","id":3,"level":10,"max_contacts":3,"number":202,"phone":"other","pickup_group":5,"recording":false,"secret":"gAAAAABrCO9C12pxTlbIvxda_ca-Y9sXtWrmLz0BlvaSw4CKeukrbuOyWG26MHv69L8ZRhrZRZwObXea8tCxUe0lNeEq8-m4E9LrbAfphEzC8aWOJvbavQY=","user":"Automat Automat","user_id":null},{"fingerprint":"4473cebf7706cda8dd1cc514617d525e","id":4,"level":10,"max_contacts":1,"number":203,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9Czmk2ZzXY5dG6xPYcADe_tBrlk3DmJL2gwyThRJwqlkp0A0VqfeOex7kPer1_Dtsklnf3llzBvpPIB-1yPfQZUHkj6H_YAmQ-uUiZyFPl_LM=","user":"Automat Automat","user_id":null},{"fingerprint":"2b72cc50f73fe41660e43e6a049734b8","id":5,"level":10,"max_contacts":1,"number":204,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9Ct0PhfJc_6u0xZHtiqiZg4Bk915vcqCwhvgmV9sTO9ECN4XHvbgT5NkUri4sjFhjO17gPXu5ghfbyrEm3XruJw6lye57TTV2g-MTV6jrbWFo=","user":"Automat Automat","user_id":null},{"fingerprint":"17b8a98840777b1cf892b74780f701d2","id":6,"level":10,"max_contacts":1,"number":205,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CZ9zLViSR2Iz8MO8IWXPxVQKZTYAYXpdTZTH7qX_bahdTSGOykWxLpPVfKQq7l6zkSuLki6Rl-uxThRARrnLxIpX3ixardpXKr7Ja5Xl4LBk=","user":"Automat Automat","user_id":null},{"fingerprint":"29421e448eaa28955a6dac98b13eaade","id":7,"level":10,"max_contacts":1,"number":206,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9C2hwP7DNK_uXjDsUDdc5FWPpSjDz9qj95fZ4Dv0BXDWg21SNzvPREQSJSK2ve-kuIvPfM9gbbFdDFl1A_8BH0zN-ycsMkHxX0-R1G2lLP5WM=","user":"Automat Automat","user_id":null},{"fingerprint":"8005236c7a4ce4f0dcf65c5af4f456dc","id":8,"level":10,"max_contacts":1,"number":207,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CDsT3cYUnsYzZS2mMoHIwsenA92ImuCQ5ZeNosTpSjqCwZqhWvqV_4HzdVszTniorbgwOdWUQvREcQ8JLzTVoFYHBnEeeAITtIrZ4EWDFf-k=","user":"Automat Automat","user_id":null},{"fingerprint":"69adddee107f0c4df0ef49be2258ee38","id":9,"level":10,"max_contacts":1,"number":208,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CvrREjiPwKxh9RrL0g8u3ayyxoLQRtRfzcJn5dirMcaHBhFHGNAWIP7xBn2uSpwyhLl7Sp-GXryDTRC_KwLvICr1SCtHQ5pkB2eMZ2HCWxNE=","user":"Automat Automat","user_id":null},{"fingerprint":"1e873c5408650770b3fea81b82d0e90c","id":10,"level":10,"max_contacts":1,"number":209,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CPp81wiKlEK03KyqaELNeXMZTMg9DEOojHoTfaftcHaeiJLSChLgwSnea95aMrc_aiTnRb_Jswp5H2gHNXsyJXnTd8nOQan0U9AomB0pT2o4=","user":"Automat Automat","user_id":null},{"fingerprint":"02347a5604a6b2a0377cde0df64ac5f3","id":11,"level":10,"max_contacts":1,"number":210,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CclWn6_w8wSgfH52UVd-MabA17U_3ptV_ZhQLP9Fs4L6EhRsLWTquIjkJC8OC9LlCO8EqBBkc4xBhtoGFDFK7IyYU3XscCKPWm5jI99STfYk=","user":"Automat Automat","user_id":null},{"fingerprint":"90b45cdfdc5a4b81a7613668842cb847","id":12,"level":10,"max_contacts":1,"number":211,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CJYwRldDim4E1bnoY58iEl6VJEzEsS0B8-_YznFn6KPigJXkmmXn7Y9uI06BLybmE0Ynl1TXLMRFR_J-lf-xHJVDKvk9oyiDuYEb09C4iatE=","user":"Automat Automat","user_id":null},{"fingerprint":"8ba8a9e7f01584773eae32799ed22d97","id":13,"level":10,"max_contacts":1,"number":212,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9C2hAmYq1hLGDawKtTXBD9m5LkDtf_WZ_bniVu08HvoQbn2pCF9XHDkHdnqlfdWj_rNHPC8Feer4bYzYORbxmRGNvRkyiJUtZ9sv2HVHgnNto=","user":"Automat Automat","user_id":null},{"fingerprint":"a37b88c4ea3a85bc2d4802aa2bbb362d","id":14,"level":10,"max_contacts":1,"number":213,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CS0WG6H-HqorPnwsM8EnkTNuMsD080Ijlu3M7-PQnxFlcd56zuJlUQS-vIfZuuxPLJ0MsknHZg-ql06dy805S0_HQGUtm0Jm6nDEqqvxAqeI=","user":"Automat Automat","user_id":null},{"fingerprint":"4ba709b81c4d4a84d02cec6d9c042f87","id":15,"level":10,"max_contacts":1,"number":214,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CwZMBEB1jf1RR4ueKHa9lsQ5DqCT2mqzozpxfmrqjx7gvwiT2-O2HT74quLsbjCG_sddpNyh6CHemM2aDkfOK4BHZTdwsGDE15YMzhALkDrI=","user":"Automat Automat","user_id":null},{"fingerprint":"7f63201be80beb4e40910beaf2e18d03","id":16,"level":10,"max_contacts":1,"number":215,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CNw9KiOcDU4VjfnWOIaGCSwBOgedvuLXjxROJvKlcUFeoCVOQ0mKNe_dnCGfRdTsgmaKrYK1xQeQMvVKDxAQaPiTzAsxspco8Eangbie-6So=","user":"Automat Automat","user_id":null},{"fingerprint":"257064a362c4266e3b424c68185799e0","id":17,"level":10,"max_contacts":1,"number":216,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CQzGB7UcePK4zdWCJwcReHHDCXa0whDfmyOVDBLl_wXEC97BWvQ9QTxIv5V5DcWmqJtB7lk-7oP5taEXKRe8TU4KsHpTp6XYu8FCITTPRjsk=","user":"Automat Automat","user_id":null},{"fingerprint":"470cebf872fd228901728b2c92ef671f","id":18,"level":10,"max_contacts":1,"number":217,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CXwtete02pDpOFU0G-MY3IDxv6mJ1LfusT-sIr92e5mPcxcfhRCGzYtQUZXMlt1Aomji15UOGqn70oJbctYHI7Yi3oGcM53ANxLBlkslZ6Wk=","user":"Automat Automat","user_id":null},{"fingerprint":"0661b924236c06147bfa5424510984f7","id":19,"level":10,"max_contacts":1,"number":218,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9C-li5sLiaqLYP85frWModUAaK3gSTkn0WL4GuV9wxAxC5aVN22NOeOpIrXrqptUISNtFhEBooiRMaMOfGIl9on0SKYm_bH3ML2urKoWCxZAQ=","user":"Automat Automat","user_id":null}],"inactive":[{"id":20,"number":219}],"renderer_version":11,"routes":[{"emergency":false,"id":1,"level":10,"name":"Miejskie","pattern":"0[1-9].*","position":1,"prepend_digits":"+48","strip_digits":1,"trunk_id":1},{"emergency":true,"id":2,"level":0,"name":"Alarmowe","pattern":"112|99[789]","position":2,"prepend_digits":"","strip_digits":0,"trunk_id":2},{"emergency":false,"id":3,"level":80,"name":"Zagraniczne","pattern":"00.+","position":3,"prepend_digits":"+","strip_digits":2,"trunk_id":2}],"settings":{"caller_name_outside":false,"codecs":["alaw","ulaw","g722"],"echo_test":"*43","emergency_numbers":["112","997","998","999"],"fallback_caller_id":"","pickup":"*8","realm":"sipweb","ring_seconds":180,"srtp":"optional","withhold_prefix":"*67"},"trunks":[{"caller_id":"+48221234567","dtmf_mode":"info","fingerprint":"903dcc3a33e4b243c13a7fb81b93a840","from_domain":"example.com","from_user":"centrum","host":"127.0.0.1","id":1,"name":"Zielony","port":5999,"realm":"","register":true,"secret":"gAAAAABrCO9DhA4peQ9hIQsxFSt13Ar-9fuL4Vrtn6hCIyXC1ciBENDSjtfDwK-XzHv5n9M87LWxkUrGWZosZ_xf-lvbivc_6g==","send_pai":true,"transport":"udp","username":"centrum"},{"caller_id":"","dtmf_mode":"auto","fingerprint":"","from_domain":"","from_user":"","host":"backup.example.com","id":2,"name":"Szary","port":5060,"realm":"","register":false,"secret":"","send_pai":false,"transport":"udp","username":""}]}',1,'[{"name": "rendered", "ms": 2, "count": 19}, {"name": "written", "ms": 8, "count": 2}]',NULL,'[]','{"pjsip.conf": "025db535de6d821fffa2c0203b83763121c962d6be59da243654af73ff604ee6", "extensions.conf": "db3ab8d5357f310c58d600af4ebc362d6c8c7b0c1f1cefaef948dfe2e9e6e59f"}');
INSERT INTO "generation" VALUES(3,'written','2026-11-27 02:47:31.174470','2026-11-27 02:47:31.192143','Administrator','cd6bbfbfdac60dce','{"accounts":[{"fingerprint":"0187d18348c93b8d561f1e811ee3e5c3","id":1,"level":10,"max_contacts":1,"number":200,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CPoK2zdKv8V7BukRTStTOTcKSMU7znBtQDUD_jeLulnfNQ4v548NJMRyer5-npIGcHpU2Xi1Lq3X4fyYEzPPQlqwc8QMVMKFX_0AR7uXSfqU=","user":"Automat Automat","user_id":null},{"fingerprint":"54b9ea244c7e665965b9cfd34a714934","id":2,"level":55,"max_contacts":1,"number":201,"phone":"other","pickup_group":0,"recording":true,"secret":"gAAAAABrCO9DTWwmh4o-ErKxwOy6vO0JeiLDJKq5sGNtNIaXec4KqHRdQj2pNv8yHMeI8IZBMvUa51wjxjtHvIoIZo5d4KBQTqfQndMwTBuMzb2W-xOrnbA=","user":"Anna Żółć","user_id":2},{"fingerprint":"22faec7371d7bc7d52c41025af16d225","id":3,"level":10,"max_contacts":3,"number":202,"phone":"other","pickup_group":5,"recording":false,"secret":"gAAAAABrCO9C12pxTlbIvxda_ca-Y9sXtWrmLz0BlvaSw4CKeukrbuOyWG26MHv69L8ZRhrZRZwObXea8tCxUe0lNeEq8-m4E9LrbAfphEzC8aWOJvbavQY=","user":"Automat Automat","user_id":null},{"fingerprint":"4473cebf7706cda8dd1cc514617d525e","id":4,"level":33,"max_contacts":1,"number":203,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9Czmk2ZzXY5dG6xPYcADe_tBrlk3DmJL2gwyThRJwqlkp0A0VqfeOex7kPer1_Dtsklnf3llzBvpPIB-1yPfQZUHkj6H_YAmQ-uUiZyFPl_LM=","user":"Automat Automat","user_id":null},{"fingerprint":"6cb5f1b2cf71f923ca36b7889c5ea9be","id":5,"level":10,"max_contacts":1,"number":204,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9Db52IS4XO-XZinYjklyD2B1m8arcKRZgdL65wMiqke07rZ2Qt1e-JO1Vpp3xAlhLBEKZ5LFCmirVLrR723tqtpgXOdyv0x3v2g-lWd0av2W8=","user":"Automat Automat","user_id":null},{"fingerprint":"17b8a98840777b1cf892b74780f701d2","id":6,"level":10,"max_contacts":1,"number":205,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CZ9zLViSR2Iz8MO8IWXPxVQKZTYAYXpdTZTH7qX_bahdTSGOykWxLpPVfKQq7l6zkSuLki6Rl-uxThRARrnLxIpX3ixardpXKr7Ja5Xl4LBk=","user":"Automat Automat","user_id":null},{"fingerprint":"29421e448eaa28955a6dac98b13eaade","id":7,"level":10,"max_contacts":1,"number":206,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9C2hwP7DNK_uXjDsUDdc5FWPpSjDz9qj95fZ4Dv0BXDWg21SNzvPREQSJSK2ve-kuIvPfM9gbbFdDFl1A_8BH0zN-ycsMkHxX0-R1G2lLP5WM=","user":"Automat Automat","user_id":null},{"fingerprint":"8005236c7a4ce4f0dcf65c5af4f456dc","id":8,"level":10,"max_contacts":1,"number":207,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CDsT3cYUnsYzZS2mMoHIwsenA92ImuCQ5ZeNosTpSjqCwZqhWvqV_4HzdVszTniorbgwOdWUQvREcQ8JLzTVoFYHBnEeeAITtIrZ4EWDFf-k=","user":"Automat Automat","user_id":null},{"fingerprint":"69adddee107f0c4df0ef49be2258ee38","id":9,"level":10,"max_contacts":1,"number":208,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CvrREjiPwKxh9RrL0g8u3ayyxoLQRtRfzcJn5dirMcaHBhFHGNAWIP7xBn2uSpwyhLl7Sp-GXryDTRC_KwLvICr1SCtHQ5pkB2eMZ2HCWxNE=","user":"Automat Automat","user_id":null},{"fingerprint":"1e873c5408650770b3fea81b82d0e90c","id":10,"level":10,"max_contacts":1,"number":209,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CPp81wiKlEK03KyqaELNeXMZTMg9DEOojHoTfaftcHaeiJLSChLgwSnea95aMrc_aiTnRb_Jswp5H2gHNXsyJXnTd8nOQan0U9AomB0pT2o4=","user":"Automat Automat","user_id":null},{"fingerprint":"02347a5604a6b2a0377cde0df64ac5f3","id":11,"level":10,"max_contacts":1,"number":210,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CclWn6_w8wSgfH52UVd-MabA17U_3ptV_ZhQLP9Fs4L6EhRsLWTquIjkJC8OC9LlCO8EqBBkc4xBhtoGFDFK7IyYU3XscCKPWm5jI99STfYk=","user":"Automat Automat","user_id":null},{"fingerprint":"90b45cdfdc5a4b81a7613668842cb847","id":12,"level":10,"max_contacts":1,"number":211,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CJYwRldDim4E1bnoY58iEl6VJEzEsS0B8-_YznFn6KPigJXkmmXn7Y9uI06BLybmE0Ynl1TXLMRFR_J-lf-xHJVDKvk9oyiDuYEb09C4iatE=","user":"Automat Automat","user_id":null},{"fingerprint":"8ba8a9e7f01584773eae32799ed22d97","id":13,"level":10,"max_contacts":1,"number":212,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9C2hAmYq1hLGDawKtTXBD9m5LkDtf_WZ_bniVu08HvoQbn2pCF9XHDkHdnqlfdWj_rNHPC8Feer4bYzYORbxmRGNvRkyiJUtZ9sv2HVHgnNto=","user":"Automat Automat","user_id":null},{"fingerprint":"a37b88c4ea3a85bc2d4802aa2bbb362d","id":14,"level":10,"max_contacts":1,"number":213,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CS0WG6H-HqorPnwsM8EnkTNuMsD080Ijlu3M7-PQnxFlcd56zuJlUQS-vIfZuuxPLJ0MsknHZg-ql06dy805S0_HQGUtm0Jm6nDEqqvxAqeI=","user":"Automat Automat","user_id":null},{"fingerprint":"4ba709b81c4d4a84d02cec6d9c042f87","id":15,"level":10,"max_contacts":1,"number":214,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CwZMBEB1jf1RR4ueKHa9lsQ5DqCT2mqzozpxfmrqjx7gvwiT2-O2HT74quLsbjCG_sddpNyh6CHemM2aDkfOK4BHZTdwsGDE15YMzhALkDrI=","user":"Automat Automat","user_id":null},{"fingerprint":"7f63201be80beb4e40910beaf2e18d03","id":16,"level":10,"max_contacts":1,"number":215,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CNw9KiOcDU4VjfnWOIaGCSwBOgedvuLXjxROJvKlcUFeoCVOQ0mKNe_dnCGfRdTsgmaKrYK1xQeQMvVKDxAQaPiTzAsxspco8Eangbie-6So=","user":"Automat Automat","user_id":null},{"fingerprint":"257064a362c4266e3b424c68185799e0","id":17,"level":10,"max_contacts":1,"number":216,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CQzGB7UcePK4zdWCJwcReHHDCXa0whDfmyOVDBLl_wXEC97BWvQ9QTxIv5V5DcWmqJtB7lk-7oP5taEXKRe8TU4KsHpTp6XYu8FCITTPRjsk=","user":"Automat Automat","user_id":null},{"fingerprint":"470cebf872fd228901728b2c92ef671f","id":18,"level":10,"max_contacts":1,"number":217,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9CXwtete02pDpOFU0G-MY3IDxv6mJ1LfusT-sIr92e5mPcxcfhRCGzYtQUZXMlt1Aomji15UOGqn70oJbctYHI7Yi3oGcM53ANxLBlkslZ6Wk=","user":"Automat Automat","user_id":null},{"fingerprint":"0661b924236c06147bfa5424510984f7","id":19,"level":10,"max_contacts":1,"number":218,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCO9C-li5sLiaqLYP85frWModUAaK3gSTkn0WL4GuV9wxAxC5aVN22NOeOpIrXrqptUISNtFhEBooiRMaMOfGIl9on0SKYm_bH3ML2urKoWCxZAQ=","user":"Automat Automat","user_id":null}],"inactive":[{"id":20,"number":219}],"renderer_version":11,"routes":[{"emergency":false,"id":1,"level":10,"name":"Miejskie","pattern":"0[1-9].*","position":1,"prepend_digits":"+48","strip_digits":1,"trunk_id":1},{"emergency":true,"id":2,"level":0,"name":"Alarmowe","pattern":"112|99[789]","position":2,"prepend_digits":"","strip_digits":0,"trunk_id":2},{"emergency":false,"id":3,"level":80,"name":"Zagraniczne","pattern":"00.+","position":3,"prepend_digits":"+","strip_digits":2,"trunk_id":2}],"settings":{"caller_name_outside":false,"codecs":["alaw","ulaw","g722"],"echo_test":"*43","emergency_numbers":["112","997","998","999"],"fallback_caller_id":"","pickup":"*8","realm":"sipweb","ring_seconds":180,"srtp":"optional","withhold_prefix":"*67"},"trunks":[{"caller_id":"+48221234567","dtmf_mode":"info","fingerprint":"903dcc3a33e4b243c13a7fb81b93a840","from_domain":"example.com","from_user":"centrum","host":"127.0.0.1","id":1,"name":"Zielony","port":5999,"realm":"","register":true,"secret":"gAAAAABrCO9DhA4peQ9hIQsxFSt13Ar-9fuL4Vrtn6hCIyXC1ciBENDSjtfDwK-XzHv5n9M87LWxkUrGWZosZ_xf-lvbivc_6g==","send_pai":true,"transport":"udp","username":"centrum"},{"caller_id":"","dtmf_mode":"auto","fingerprint":"","from_domain":"","from_user":"","host":"backup.example.com","id":2,"name":"Szary","port":5060,"realm":"","register":false,"secret":"","send_pai":false,"transport":"udp","username":""}]}',2,'[{"name": "rendered", "ms": 1, "count": 19}, {"name": "written", "ms": 11, "count": 2}]',NULL,'[]','{"pjsip.conf": "a9983a1c8db2ec1485598f527169279f7bf017624ea831e01cf7e00604973a31", "extensions.conf": "24af101c9bb8048023b9bd61bf727d6b248e9580b334e6040f2037d49dffc1f6"}');
CREATE TABLE "lease" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	token_digest VARCHAR(64) NOT NULL, 
	session_epoch INTEGER NOT NULL, 
	acquired_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, secret TEXT DEFAULT '' NOT NULL, issued VARCHAR(64) DEFAULT '' NOT NULL, 
	CONSTRAINT fk_lease_user_id_user FOREIGN KEY(user_id) REFERENCES user (id), 
	CONSTRAINT uq_lease_account_id UNIQUE (account_id), 
	CONSTRAINT uq_lease_user_id UNIQUE (user_id), 
	CONSTRAINT uq_lease_token_digest UNIQUE (token_digest)
);
CREATE TABLE login_throttle (
	"key" VARCHAR(80) NOT NULL, 
	failures INTEGER NOT NULL, 
	locked_until DATETIME, 
	CONSTRAINT pk_login_throttle PRIMARY KEY ("key")
);
CREATE TABLE outbound_route (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	position INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	pattern VARCHAR(200) NOT NULL, 
	level INTEGER NOT NULL, 
	trunk_id INTEGER NOT NULL, 
	strip_digits INTEGER NOT NULL, 
	prepend_digits VARCHAR(32) NOT NULL, 
	emergency BOOLEAN NOT NULL, 
	active BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	CONSTRAINT ck_outbound_route_level CHECK (level BETWEEN 0 AND 100), 
	CONSTRAINT ck_outbound_route_strip_digits CHECK (strip_digits BETWEEN 0 AND 32), 
	CONSTRAINT fk_outbound_route_trunk_id_trunk FOREIGN KEY(trunk_id) REFERENCES trunk (id)
);
INSERT INTO "outbound_route" VALUES(1,1,'Miejskie','0[1-9].*',10,1,1,'+48',0,1,1,31);
INSERT INTO "outbound_route" VALUES(2,2,'Alarmowe','112|99[789]',0,2,0,'',1,1,1,32);
INSERT INTO "outbound_route" VALUES(3,3,'Zagraniczne','00.+',80,2,2,'+',0,1,1,33);
CREATE TABLE revision (
	id INTEGER NOT NULL, 
	value INTEGER NOT NULL, 
	CONSTRAINT pk_revision PRIMARY KEY (id)
);
INSERT INTO "revision" VALUES(1,40);
CREATE TABLE trunk (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(80) NOT NULL, 
	host VARCHAR(255) NOT NULL, 
	port INTEGER NOT NULL, 
	transport VARCHAR(3) NOT NULL, 
	username VARCHAR(80) NOT NULL, 
	caller_id VARCHAR(32) NOT NULL, 
	realm VARCHAR(80) NOT NULL, 
	register BOOLEAN NOT NULL, 
	active BOOLEAN NOT NULL, 
	secret TEXT NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, from_user VARCHAR(80) DEFAULT '' NOT NULL, from_domain VARCHAR(255) DEFAULT '' NOT NULL, send_pai BOOLEAN DEFAULT 0 NOT NULL, dtmf_mode VARCHAR(9) DEFAULT 'auto' NOT NULL CONSTRAINT ck_trunk_dtmf_mode CHECK (dtmf_mode IN ('auto', 'rfc4733', 'info', 'auto_info', 'inband')), 
	CONSTRAINT ck_trunk_port CHECK (port BETWEEN 1 AND 65535), 
	CONSTRAINT ck_trunk_transport CHECK (transport IN ('udp', 'tcp', 'tls')), 
	CONSTRAINT uq_trunk_name UNIQUE (name)
);
INSERT INTO "trunk" VALUES(1,'Zielony','127.0.0.1',5999,'udp','centrum','+48221234567','',1,1,'gAAAAABrCO9DhA4peQ9hIQsxFSt13Ar-9fuL4Vrtn6hCIyXC1ciBENDSjtfDwK-XzHv5n9M87LWxkUrGWZosZ_xf-lvbivc_6g==','903dcc3a33e4b243c13a7fb81b93a840',1,29,'centrum','example.com',1,'info');
INSERT INTO "trunk" VALUES(2,'Szary','backup.example.com',5060,'udp','','','',0,1,'','',1,30,'','',0,'auto');
CREATE TABLE user (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	login VARCHAR(80) NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	password_hash VARCHAR(200) NOT NULL, 
	must_change_password BOOLEAN NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	active BOOLEAN NOT NULL, 
	work_mode VARCHAR(20) NOT NULL, 
	external_phone VARCHAR(20) NOT NULL, 
	language VARCHAR(2), 
	session_epoch INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	CONSTRAINT ck_user_external_phone CHECK (external_phone IN ('builtin', 'other')), 
	CONSTRAINT ck_user_role CHECK (role IN ('administrator', 'agent')), 
	CONSTRAINT ck_user_work_mode CHECK (work_mode IN ('automatic', 'manual')), 
	CONSTRAINT uq_user_login UNIQUE (login)
);
INSERT INTO "user" VALUES(1,'admin','Administrator','$argon2id$v=19$m=19456,t=2,p=1$hRYpv+FZMCoOUeB0GLO+KA$5CJbfJm0/b8aMy+x8//4Jc3ek577+knE9LGYuoiit0M',0,'administrator',1,'automatic','builtin',NULL,0,1,1);
INSERT INTO "user" VALUES(2,'anna','Anna Żółć','$argon2id$v=19$m=19456,t=2,p=1$DRs8PpyVzEQGSSIdjP+VBw$wsp0twphFtjfwaaYx+zwWzY9lNqkQoo5trNUmmSQTpI',0,'agent',1,'automatic','builtin',NULL,0,1,24);
INSERT INTO "user" VALUES(3,'piotr','Piotr Lis','$argon2id$v=19$m=19456,t=2,p=1$R1+nKF3VXhSbvM5FohsCgw$MtjGGDP4wvbYijzwtnjHpGAFxBsBs1UD0TnpodnXGzI',0,'agent',1,'automatic','builtin',NULL,0,1,25);
CREATE INDEX ix_audit_account_id ON audit (account_id);
CREATE INDEX ix_audit_user_id ON audit (user_id);
CREATE INDEX ix_generation_state ON generation (state);
CREATE INDEX ix_user_revision ON user (revision);
CREATE INDEX ix_account_user_id ON account (user_id);
CREATE INDEX ix_account_revision ON account (revision);
CREATE INDEX ix_trunk_revision ON trunk (revision);
CREATE INDEX ix_audit_created_at ON audit (created_at);
CREATE INDEX ix_audit_trunk_id ON audit (trunk_id);
CREATE INDEX ix_audit_route_id ON audit (route_id);
CREATE INDEX ix_outbound_route_revision ON outbound_route (revision);
CREATE INDEX ix_outbound_route_trunk_id ON outbound_route (trunk_id);
CREATE INDEX ix_event_account_id ON event (account_id);
CREATE INDEX ix_event_created_at ON event (created_at);
CREATE INDEX ix_event_route_id ON event (route_id);
CREATE INDEX ix_event_trunk_id ON event (trunk_id);
CREATE INDEX ix_call_started_at_id ON call (started_at, id);
CREATE INDEX ix_call_caller_id_started_at_id ON call (caller_id, started_at, id);
CREATE INDEX ix_call_callee_id_started_at_id ON call (callee_id, started_at, id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('lease',0);
INSERT INTO "sqlite_sequence" VALUES('outbound_route',3);
INSERT INTO "sqlite_sequence" VALUES('user',3);
INSERT INTO "sqlite_sequence" VALUES('audit',36);
INSERT INTO "sqlite_sequence" VALUES('account',20);
INSERT INTO "sqlite_sequence" VALUES('event',30);
INSERT INTO "sqlite_sequence" VALUES('trunk',2);
INSERT INTO "sqlite_sequence" VALUES('call',1);
COMMIT;
