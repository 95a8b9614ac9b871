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
	revision INTEGER NOT NULL, 
	CONSTRAINT ck_account_phone CHECK (phone IN ('builtin', 'other')), 
	CONSTRAINT ck_account_level CHECK (level BETWEEN 0 AND 100), 
	CONSTRAINT ck_account_number CHECK (number BETWEEN 100 AND 999), 
	CONSTRAINT fk_account_user_id_user FOREIGN KEY(user_id) REFERENCES user (id), 
	CONSTRAINT uq_account_number UNIQUE (number)
);
INSERT INTO "account" VALUES(1,200,NULL,'builtin',1,0,10,'gAAAAABrCO9BAepmnlOZUWMCGoucuammYt5UnApeM63zYF9KP_-e4P93TH3Bn1kS39xbSPG2MmGkMI2v0BOvuOLDoTjFWAyMK9O_P1Yf2EYRw0zfmxfRIdk=','b192219b570369e2d5b229caa8363269',1,2);
INSERT INTO "account" VALUES(2,201,2,'other',1,1,55,'gAAAAABrCO9B6kZys68QVzhpTDFgnA4CFb_20o3I87tWExmMcGdooMlWGSleCCXHZ0QC0wnyhFBSfT0f55oWMPHyyUVu81HhY6s48qYZBl4ghtVexpG5Szw=','54b9ea244c7e665965b9cfd34a714934',2,26);
INSERT INTO "account" VALUES(3,202,NULL,'builtin',1,0,10,'gAAAAABrCO9BctWcfieacXQ3N6PI-5uP4me5d4z3qhFNcGZ9NIz0AeH52XePxHfcVF-5psKRrTDw39hk18XydXTvVG65mz4EAmrYdKpSfLvLYIVnXEK5KYI=','a810f4c13897d310e18fe73883c6dada',1,4);
INSERT INTO "account" VALUES(4,203,NULL,'builtin',1,0,33,'gAAAAABrCO9BZVR-mEpht3SUGWR2RcsAdr0JDf5XfO9UBGcsmxb4GBmaHP9H2JK-_eBBMQoQWfGcN39ygaQUIB0iXixZPrBly41gtCfQOsTWRpJrW3mKpBw=','5b7ecaea9075df5d23f19b0fd8a64683',2,35);
INSERT INTO "account" VALUES(5,204,NULL,'builtin',1,0,10,'gAAAAABrCO9B1Z0fTxWSU4uqIwZKg4PGQP6fn3Yo8ns3cfm4iNgCsGaPYJknOn8pPw_ssvVvlQXXZzJc7t3zbdClYL4Hg6X4gLAt9hty_pdh7s2r8dmQzHI=','57233abcbb3cab876ca515089786d586',2,36);
INSERT INTO "account" VALUES(6,205,NULL,'builtin',1,0,10,'gAAAAABrCO9BFGq94eShyvy64SnX9JpPPYI9wwoJQXnrIWGFL2R9ZrZZGXyTlGvrb5g1Az96cfS3g6z7ucILWY5QfGjmR6GSm0SqxKf8VcsNEDBcTsFa_sU=','17413f78e55335eafbe91f777fd09a45',1,7);
INSERT INTO "account" VALUES(7,206,NULL,'builtin',1,0,10,'gAAAAABrCO9BNB1vptsErDmLRQD1mbHNsDYyl91BCNisrRJNYHC9bZaNnDN0ETNNnuqWQWNu9xyYYAoJiBHE52tH1djACv1jHPzHJ8kaOB6a35IX5m7SUkw=','7fef10caa764f9fe24ba8fdb4fda2853',1,8);
INSERT INTO "account" VALUES(8,207,NULL,'builtin',1,0,10,'gAAAAABrCO9BlAtq5FAWl5bSKGo8ndBJD9id9bYHs9cbnrP4QwYe2Vb0fdaRe_Gs4Tr9V-Fq1Kfz9zRLpzKzGpFptF8gg4-smng-gNONHee6IT6IA-MXvrI=','4e88cc85529023ebfeed225f366c732a',1,9);
INSERT INTO "account" VALUES(9,208,NULL,'builtin',1,0,10,'gAAAAABrCO9BYSxLe1aPVlo5Yp4VcPbuMxMT2WytBIucB2dTfZpCte-WVMTc9ge-u0v5BGUNtr6yi09oLbuVxZvrL_5rHsyhgWgA9i5JQ_5u7AtUNJgEdnM=','932b31fe9c955a8ec17808ccae350a4f',1,10);
INSERT INTO "account" VALUES(10,209,NULL,'builtin',1,0,10,'gAAAAABrCO9B-pf4vZH0W0u0ZdVb1UVbVVFUsiz7X2wN9M5Lix2wjg8Jj_yOSuTpPzXsNquT-dOUTN-phSzw9q2kMRiKpjJLRzGU4iqSyeivvjVIvdNKgBk=','9a3798d7bd217372e331972e1cc948f5',1,11);
INSERT INTO "account" VALUES(11,210,NULL,'builtin',1,0,10,'gAAAAABrCO9BqkUK3C7C4D830b4JsZVNoorAkHLNgZ9uLu5GErCpN-fZUDmg97nOt4iv2Z6JJwEsTJ26qlp_1FX90Rvg_HFhuUGP3YoTzgwQgkO-QS6n_aA=','dd3491a0b363f56b503dc0773a6926b4',1,12);
INSERT INTO "account" VALUES(12,211,NULL,'builtin',1,0,10,'gAAAAABrCO9BI6gv6r4b4pWLzX6fiWybSxsa7jzeDwAuSTnWop48QedTnNlpzcV-73LUPbYpxkigIYS926M75mP7pQkPbvSFz4LV81xcyslzCf2ii5PCbuo=','26db13129fe82564d79ef48e05bf9673',1,13);
INSERT INTO "account" VALUES(13,212,NULL,'builtin',1,0,10,'gAAAAABrCO9B1s8I7khGNIlIJAWej0DuMYK5IZWTGpYQdm_UJTJ5233rlDr9ZKevAnhRjo6HBO0lnve73I3CeTqHQyRFWmZ970JlWq2kKRvm96sMG4-lQy0=','a688ae951cc132143922a82e54db63e7',1,14);
INSERT INTO "account" VALUES(14,213,NULL,'builtin',1,0,10,'gAAAAABrCO9B0nMzqWG8vpKMM7ZZviMhKPChGdLbXXnPjBfnpo-CFUk2pDt1OlqE-o308oOwypvjmc81azpVUW1J9WU9Bx0wWFVqVv87t9EAoS6raig7Yuk=','e84fab964e159795aa25cdb63ad2ad63',1,15);
INSERT INTO "account" VALUES(15,214,NULL,'builtin',1,0,10,'gAAAAABrCO9Bw8ytGcb6yu_KX849lBKVXSjSAjYhjSW0ZJwaE00SRbtM-IqoMBxwmkmGXW96YP8fJauQNaJYR-m_LQLf6MYYeBHYugcHSsvlAJr5EfX2tP8=','77333745ecbb6882d1318cded6afaa47',1,16);
INSERT INTO "account" VALUES(16,215,NULL,'builtin',1,0,10,'gAAAAABrCO9BvtQu9itO3OtmOJkui1paZbCWlf4wvP96yAFXEljO2jSBkfIZIy7w0CXuDNhJXKW_zzBwsQ55fk1sRoRSIQFE_oTGtzdJjFwZMYdJ5nXmJHI=','862c7b0a12b743db093ece364447db77',1,17);
INSERT INTO "account" VALUES(17,216,NULL,'builtin',1,0,10,'gAAAAABrCO9BsQZj2OINXIhueORkrG7aMqrOIEytwbmZboSVP9ZVJc5CXuRzaC46iTHy7SYg6TPugdGa5PzBf-BdCAvZPQa8f2h80ANeQUPkGOsTZ4rfD14=','37009d4fe01485751f7ae798003c6d38',1,18);
INSERT INTO "account" VALUES(18,217,NULL,'builtin',1,0,10,'gAAAAABrCO9B_7y-Ch_NI8-UsMdhzia3ROEQLzWwWBNWNQYxyawAaLJf7js7a7OwWdmuN_O36xC72wOfbs5Q8dcvb5D8ZtkegG1DhQ6p1j6NKtRN0IFjPR0=','ab88f747373aa21e32e99d5dfc88290c',1,19);
INSERT INTO "account" VALUES(19,218,NULL,'builtin',1,0,10,'gAAAAABrCO9BP7-GcFC7rOMl4xTHwthpksYBo5PKq0ILYTVeF0ITCIF8qenvarRvoqmDIheDtfopLlhOhiwBaKXB1EYyeUX0CNUiX8x2eSS-EQ1_5tv6YEM=','b518d64d258fbf4174e359f89b2e3b22',1,20);
INSERT INTO "account" VALUES(20,219,NULL,'builtin',0,0,10,'gAAAAABrCO9BcieEa_1OQ9Syd_EX9BsE13KMWLRaWoX4jLwb7XJpdP_WIonBoE3xFaChjqQvcqGccwG7OgUbJ6AS2LXXV8N64LwhumI3tIkCp5Exf8xzjjM=','a7067ff400d066e7da0f734b55d4042d',2,27);
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
INSERT INTO "alembic_version" VALUES('0007');
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
INSERT INTO "audit" VALUES(1,'2026-11-27 02:47:29.084866','flask setup','terminal','user.add',NULL,1,'admin','{"role": [null, "administrator"]}',NULL,NULL);
INSERT INTO "audit" VALUES(2,'2026-11-27 02:47:29.094424','flask setup','terminal','account.add',1,NULL,'200','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(3,'2026-11-27 02:47:29.096082','flask setup','terminal','account.add',2,NULL,'201','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(4,'2026-11-27 02:47:29.097413','flask setup','terminal','account.add',3,NULL,'202','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(5,'2026-11-27 02:47:29.098672','flask setup','terminal','account.add',4,NULL,'203','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(6,'2026-11-27 02:47:29.100014','flask setup','terminal','account.add',5,NULL,'204','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(7,'2026-11-27 02:47:29.101238','flask setup','terminal','account.add',6,NULL,'205','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(8,'2026-11-27 02:47:29.102460','flask setup','terminal','account.add',7,NULL,'206','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(9,'2026-11-27 02:47:29.104017','flask setup','terminal','account.add',8,NULL,'207','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(10,'2026-11-27 02:47:29.105166','flask setup','terminal','account.add',9,NULL,'208','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(11,'2026-11-27 02:47:29.106329','flask setup','terminal','account.add',10,NULL,'209','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(12,'2026-11-27 02:47:29.107495','flask setup','terminal','account.add',11,NULL,'210','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(13,'2026-11-27 02:47:29.108698','flask setup','terminal','account.add',12,NULL,'211','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(14,'2026-11-27 02:47:29.109838','flask setup','terminal','account.add',13,NULL,'212','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(15,'2026-11-27 02:47:29.110977','flask setup','terminal','account.add',14,NULL,'213','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(16,'2026-11-27 02:47:29.112162','flask setup','terminal','account.add',15,NULL,'214','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(17,'2026-11-27 02:47:29.113370','flask setup','terminal','account.add',16,NULL,'215','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(18,'2026-11-27 02:47:29.114532','flask setup','terminal','account.add',17,NULL,'216','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(19,'2026-11-27 02:47:29.115734','flask setup','terminal','account.add',18,NULL,'217','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(20,'2026-11-27 02:47:29.116863','flask setup','terminal','account.add',19,NULL,'218','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(21,'2026-11-27 02:47:29.118008','flask setup','terminal','account.add',20,NULL,'219','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(22,'2026-11-27 02:47:29.141441','flask setup','terminal','generation.written',NULL,NULL,'1','{}',NULL,NULL);
INSERT INTO "audit" VALUES(23,'2026-11-27 02:47:29.186185','Administrator','192.0.2.1','user.add',NULL,2,'anna','{"role": [null, "agent"]}',NULL,NULL);
INSERT INTO "audit" VALUES(24,'2026-11-27 02:47:29.207052','Administrator','192.0.2.1','user.add',NULL,3,'piotr','{"role": [null, "agent"]}',NULL,NULL);
INSERT INTO "audit" VALUES(25,'2026-11-27 02:47:29.211379','Administrator','192.0.2.1','account.edit',2,NULL,'201','{"user": ["Automat Automat", "Anna \u017b\u00f3\u0142\u0107"], "phone": ["builtin", "other"], "recording": [false, true], "level": [10, 55], "secret": []}',NULL,NULL);
INSERT INTO "audit" VALUES(26,'2026-11-27 02:47:29.215153','Administrator','192.0.2.1','account.edit',20,NULL,'219','{"active": [true, false]}',NULL,NULL);
INSERT INTO "audit" VALUES(27,'2026-11-27 02:47:29.218035','Administrator','192.0.2.1','trunk.add',NULL,NULL,'Zielony','{"name": [null, "Zielony"], "host": [null, "127.0.0.1"], "port": [null, 5999], "transport": [null, "udp"], "username": [null, "centrum"], "caller_id": [null, "+48221234567"], "realm": [null, ""], "register": [null, true], "active": [null, true], "secret": []}',1,NULL);
INSERT INTO "audit" VALUES(28,'2026-11-27 02:47:29.219833','Administrator','192.0.2.1','trunk.add',NULL,NULL,'Szary','{"name": [null, "Szary"], "host": [null, "backup.example.com"], "port": [null, 5060], "transport": [null, "udp"], "username": [null, ""], "caller_id": [null, ""], "realm": [null, ""], "register": [null, false], "active": [null, true]}',2,NULL);
INSERT INTO "audit" VALUES(29,'2026-11-27 02:47:29.223432','Administrator','192.0.2.1','route.add',NULL,NULL,'Miejskie','{"name": [null, "Miejskie"], "pattern": [null, "0[1-9].*"], "level": [null, 10], "trunk_id": [null, "Zielony"], "strip_digits": [null, 1], "prepend_digits": [null, "+48"], "emergency": [null, false], "active": [null, true], "position": [null, 1]}',NULL,1);
INSERT INTO "audit" VALUES(30,'2026-11-27 02:47:29.225227','Administrator','192.0.2.1','route.add',NULL,NULL,'Alarmowe','{"name": [null, "Alarmowe"], "pattern": [null, "112|99[789]"], "level": [null, 0], "trunk_id": [null, "Szary"], "strip_digits": [null, 0], "prepend_digits": [null, ""], "emergency": [null, true], "active": [null, true], "position": [null, 2]}',NULL,2);
INSERT INTO "audit" VALUES(31,'2026-11-27 02:47:29.226867','Administrator','192.0.2.1','route.add',NULL,NULL,'Zagraniczne','{"name": [null, "Zagraniczne"], "pattern": [null, "00.+"], "level": [null, 80], "trunk_id": [null, "Szary"], "strip_digits": [null, 2], "prepend_digits": [null, "+"], "emergency": [null, false], "active": [null, true], "position": [null, 3]}',NULL,3);
INSERT INTO "audit" VALUES(32,'2026-11-27 02:47:29.245608','Administrator','192.0.2.1','generation.written',NULL,NULL,'2','{}',NULL,NULL);
INSERT INTO "audit" VALUES(33,'2026-11-27 02:47:29.247503','Administrator','192.0.2.1','account.edit',4,NULL,'203','{"level": [10, 33]}',NULL,NULL);
INSERT INTO "audit" VALUES(34,'2026-11-27 02:47:29.249938','Administrator','192.0.2.1','account.secret',5,NULL,'204','{}',NULL,NULL);
INSERT INTO "audit" VALUES(35,'2026-11-27 02:47:29.259854','Administrator','192.0.2.1','generation.written',NULL,NULL,'3','{}',NULL,NULL);
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
INSERT INTO "event" VALUES(1,'pbx','2026-11-27 02:47:29.140704','generated',1,NULL,NULL,1,200,'','added',1);
INSERT INTO "event" VALUES(2,'pbx','2026-11-27 02:47:29.140710','generated',2,NULL,NULL,1,201,'','added',1);
INSERT INTO "event" VALUES(3,'pbx','2026-11-27 02:47:29.140712','generated',3,NULL,NULL,1,202,'','added',1);
INSERT INTO "event" VALUES(4,'pbx','2026-11-27 02:47:29.140715','generated',4,NULL,NULL,1,203,'','added',1);
INSERT INTO "event" VALUES(5,'pbx','2026-11-27 02:47:29.140716','generated',5,NULL,NULL,1,204,'','added',1);
INSERT INTO "event" VALUES(6,'pbx','2026-11-27 02:47:29.140718','generated',6,NULL,NULL,1,205,'','added',1);
INSERT INTO "event" VALUES(7,'pbx','2026-11-27 02:47:29.140719','generated',7,NULL,NULL,1,206,'','added',1);
INSERT INTO "event" VALUES(8,'pbx','2026-11-27 02:47:29.140722','generated',8,NULL,NULL,1,207,'','added',1);
INSERT INTO "event" VALUES(9,'pbx','2026-11-27 02:47:29.140724','generated',9,NULL,NULL,1,208,'','added',1);
INSERT INTO "event" VALUES(10,'pbx','2026-11-27 02:47:29.140725','generated',10,NULL,NULL,1,209,'','added',1);
INSERT INTO "event" VALUES(11,'pbx','2026-11-27 02:47:29.140726','generated',11,NULL,NULL,1,210,'','added',1);
INSERT INTO "event" VALUES(12,'pbx','2026-11-27 02:47:29.140727','generated',12,NULL,NULL,1,211,'','added',1);
INSERT INTO "event" VALUES(13,'pbx','2026-11-27 02:47:29.140728','generated',13,NULL,NULL,1,212,'','added',1);
INSERT INTO "event" VALUES(14,'pbx','2026-11-27 02:47:29.140731','generated',14,NULL,NULL,1,213,'','added',1);
INSERT INTO "event" VALUES(15,'pbx','2026-11-27 02:47:29.140733','generated',15,NULL,NULL,1,214,'','added',1);
INSERT INTO "event" VALUES(16,'pbx','2026-11-27 02:47:29.140734','generated',16,NULL,NULL,1,215,'','added',1);
INSERT INTO "event" VALUES(17,'pbx','2026-11-27 02:47:29.140735','generated',17,NULL,NULL,1,216,'','added',1);
INSERT INTO "event" VALUES(18,'pbx','2026-11-27 02:47:29.140736','generated',18,NULL,NULL,1,217,'','added',1);
INSERT INTO "event" VALUES(19,'pbx','2026-11-27 02:47:29.140737','generated',19,NULL,NULL,1,218,'','added',1);
INSERT INTO "event" VALUES(20,'pbx','2026-11-27 02:47:29.140738','generated',20,NULL,NULL,1,219,'','added',1);
INSERT INTO "event" VALUES(21,'pbx','2026-11-27 02:47:29.245112','generated',20,NULL,NULL,2,219,'','removed',1);
INSERT INTO "event" VALUES(22,'pbx','2026-11-27 02:47:29.245118','generated',2,NULL,NULL,2,201,'','changed',1);
INSERT INTO "event" VALUES(23,'pbx','2026-11-27 02:47:29.245124','generated',NULL,1,NULL,2,NULL,'','added',1);
INSERT INTO "event" VALUES(24,'pbx','2026-11-27 02:47:29.245127','generated',NULL,2,NULL,2,NULL,'','added',1);
INSERT INTO "event" VALUES(25,'pbx','2026-11-27 02:47:29.245129','generated',NULL,NULL,1,2,NULL,'','added',1);
INSERT INTO "event" VALUES(26,'pbx','2026-11-27 02:47:29.245131','generated',NULL,NULL,2,2,NULL,'','added',1);
INSERT INTO "event" VALUES(27,'pbx','2026-11-27 02:47:29.245132','generated',NULL,NULL,3,2,NULL,'','added',1);
INSERT INTO "event" VALUES(28,'pbx','2026-11-27 02:47:29.259744','generated',4,NULL,NULL,3,203,'','changed',1);
INSERT INTO "event" VALUES(29,'pbx','2026-11-27 02:47:29.259750','generated',5,NULL,NULL,3,204,'','changed',1);
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
INSERT INTO "generation" VALUES(1,'written','2026-11-27 02:47:29.131555','2026-11-27 02:47:29.138981','flask setup','f3959f4a0841fa6a','{"accounts":[{"fingerprint":"b192219b570369e2d5b229caa8363269","id":1,"level":10,"number":200,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BAepmnlOZUWMCGoucuammYt5UnApeM63zYF9KP_-e4P93TH3Bn1kS39xbSPG2MmGkMI2v0BOvuOLDoTjFWAyMK9O_P1Yf2EYRw0zfmxfRIdk=","user":"Automat Automat","user_id":null},{"fingerprint":"299db8ee41ff74114d0ee7348521ae54","id":2,"level":10,"number":201,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B-7xWcjt5Rrd4yNSKfAzkXIUknYQqOeAizDNvbal60C6lqXYyTtanPDlEb_Pv6sClxYTB6R-10g0yoPTRb2qIJuwFmbArid75qKbywgytUKQ=","user":"Automat Automat","user_id":null},{"fingerprint":"a810f4c13897d310e18fe73883c6dada","id":3,"level":10,"number":202,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BctWcfieacXQ3N6PI-5uP4me5d4z3qhFNcGZ9NIz0AeH52XePxHfcVF-5psKRrTDw39hk18XydXTvVG65mz4EAmrYdKpSfLvLYIVnXEK5KYI=","user":"Automat Automat","user_id":null},{"fingerprint":"5b7ecaea9075df5d23f19b0fd8a64683","id":4,"level":10,"number":203,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BZVR-mEpht3SUGWR2RcsAdr0JDf5XfO9UBGcsmxb4GBmaHP9H2JK-_eBBMQoQWfGcN39ygaQUIB0iXixZPrBly41gtCfQOsTWRpJrW3mKpBw=","user":"Automat Automat","user_id":null},{"fingerprint":"7b86d805b8ca61e1c01b706e65410973","id":5,"level":10,"number":204,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BrAyoOPNJzMDoV3CHfbsoaztMQFVGh0nhNfCUg9g8ycYKxNNLxGQJdvME3xNwv6sQeZ_XG-K5i1dTdY-2kps08QbhsvQQypzJ1w4HhrDfcYU=","user":"Automat Automat","user_id":null},{"fingerprint":"17413f78e55335eafbe91f777fd09a45","id":6,"level":10,"number":205,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BFGq94eShyvy64SnX9JpPPYI9wwoJQXnrIWGFL2R9ZrZZGXyTlGvrb5g1Az96cfS3g6z7ucILWY5QfGjmR6GSm0SqxKf8VcsNEDBcTsFa_sU=","user":"Automat Automat","user_id":null},{"fingerprint":"7fef10caa764f9fe24ba8fdb4fda2853","id":7,"level":10,"number":206,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BNB1vptsErDmLRQD1mbHNsDYyl91BCNisrRJNYHC9bZaNnDN0ETNNnuqWQWNu9xyYYAoJiBHE52tH1djACv1jHPzHJ8kaOB6a35IX5m7SUkw=","user":"Automat Automat","user_id":null},{"fingerprint":"4e88cc85529023ebfeed225f366c732a","id":8,"level":10,"number":207,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BlAtq5FAWl5bSKGo8ndBJD9id9bYHs9cbnrP4QwYe2Vb0fdaRe_Gs4Tr9V-Fq1Kfz9zRLpzKzGpFptF8gg4-smng-gNONHee6IT6IA-MXvrI=","user":"Automat Automat","user_id":null},{"fingerprint":"932b31fe9c955a8ec17808ccae350a4f","id":9,"level":10,"number":208,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BYSxLe1aPVlo5Yp4VcPbuMxMT2WytBIucB2dTfZpCte-WVMTc9ge-u0v5BGUNtr6yi09oLbuVxZvrL_5rHsyhgWgA9i5JQ_5u7AtUNJgEdnM=","user":"Automat Automat","user_id":null},{"fingerprint":"9a3798d7bd217372e331972e1cc948f5","id":10,"level":10,"number":209,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B-pf4vZH0W0u0ZdVb1UVbVVFUsiz7X2wN9M5Lix2wjg8Jj_yOSuTpPzXsNquT-dOUTN-phSzw9q2kMRiKpjJLRzGU4iqSyeivvjVIvdNKgBk=","user":"Automat Automat","user_id":null},{"fingerprint":"dd3491a0b363f56b503dc0773a6926b4","id":11,"level":10,"number":210,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BqkUK3C7C4D830b4JsZVNoorAkHLNgZ9uLu5GErCpN-fZUDmg97nOt4iv2Z6JJwEsTJ26qlp_1FX90Rvg_HFhuUGP3YoTzgwQgkO-QS6n_aA=","user":"Automat Automat","user_id":null},{"fingerprint":"26db13129fe82564d79ef48e05bf9673","id":12,"level":10,"number":211,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BI6gv6r4b4pWLzX6fiWybSxsa7jzeDwAuSTnWop48QedTnNlpzcV-73LUPbYpxkigIYS926M75mP7pQkPbvSFz4LV81xcyslzCf2ii5PCbuo=","user":"Automat Automat","user_id":null},{"fingerprint":"a688ae951cc132143922a82e54db63e7","id":13,"level":10,"number":212,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B1s8I7khGNIlIJAWej0DuMYK5IZWTGpYQdm_UJTJ5233rlDr9ZKevAnhRjo6HBO0lnve73I3CeTqHQyRFWmZ970JlWq2kKRvm96sMG4-lQy0=","user":"Automat Automat","user_id":null},{"fingerprint":"e84fab964e159795aa25cdb63ad2ad63","id":14,"level":10,"number":213,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B0nMzqWG8vpKMM7ZZviMhKPChGdLbXXnPjBfnpo-CFUk2pDt1OlqE-o308oOwypvjmc81azpVUW1J9WU9Bx0wWFVqVv87t9EAoS6raig7Yuk=","user":"Automat Automat","user_id":null},{"fingerprint":"77333745ecbb6882d1318cded6afaa47","id":15,"level":10,"number":214,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9Bw8ytGcb6yu_KX849lBKVXSjSAjYhjSW0ZJwaE00SRbtM-IqoMBxwmkmGXW96YP8fJauQNaJYR-m_LQLf6MYYeBHYugcHSsvlAJr5EfX2tP8=","user":"Automat Automat","user_id":null},{"fingerprint":"862c7b0a12b743db093ece364447db77","id":16,"level":10,"number":215,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BvtQu9itO3OtmOJkui1paZbCWlf4wvP96yAFXEljO2jSBkfIZIy7w0CXuDNhJXKW_zzBwsQ55fk1sRoRSIQFE_oTGtzdJjFwZMYdJ5nXmJHI=","user":"Automat Automat","user_id":null},{"fingerprint":"37009d4fe01485751f7ae798003c6d38","id":17,"level":10,"number":216,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BsQZj2OINXIhueORkrG7aMqrOIEytwbmZboSVP9ZVJc5CXuRzaC46iTHy7SYg6TPugdGa5PzBf-BdCAvZPQa8f2h80ANeQUPkGOsTZ4rfD14=","user":"Automat Automat","user_id":null},{"fingerprint":"ab88f747373aa21e32e99d5dfc88290c","id":18,"level":10,"number":217,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B_7y-Ch_NI8-UsMdhzia3ROEQLzWwWBNWNQYxyawAaLJf7js7a7OwWdmuN_O36xC72wOfbs5Q8dcvb5D8ZtkegG1DhQ6p1j6NKtRN0IFjPR0=","user":"Automat Automat","user_id":null},{"fingerprint":"b518d64d258fbf4174e359f89b2e3b22","id":19,"level":10,"number":218,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BP7-GcFC7rOMl4xTHwthpksYBo5PKq0ILYTVeF0ITCIF8qenvarRvoqmDIheDtfopLlhOhiwBaKXB1EYyeUX0CNUiX8x2eSS-EQ1_5tv6YEM=","user":"Automat Automat","user_id":null},{"fingerprint":"a7067ff400d066e7da0f734b55d4042d","id":20,"level":10,"number":219,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BcieEa_1OQ9Syd_EX9BsE13KMWLRaWoX4jLwb7XJpdP_WIonBoE3xFaChjqQvcqGccwG7OgUbJ6AS2LXXV8N64LwhumI3tIkCp5Exf8xzjjM=","user":"Automat Automat","user_id":null}],"renderer_version":10,"routes":[],"settings":{"codecs":["alaw","ulaw","g722"],"emergency_numbers":["112","997","998","999"],"realm":"sipweb","ring_seconds":180,"srtp":"optional"},"trunks":[]}',NULL,'[{"name": "rendered", "ms": 1, "count": 20}, {"name": "written", "ms": 3, "count": 2}]',NULL,'[]','{"pjsip.conf": "3e6feb85531c25521ba7be2299fb449a7e1323bc5f4edfebcd89ed9c9c7d14df", "extensions.conf": "d2df78e8b27bc04f7b3511002bc69f9235fe463d5ae2869044c1d5389b298ea9"}');
INSERT INTO "generation" VALUES(2,'written','2026-11-27 02:47:29.237211','2026-11-27 02:47:29.243886','Administrator','35fa477ccba485e2','{"accounts":[{"fingerprint":"b192219b570369e2d5b229caa8363269","id":1,"level":10,"number":200,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BAepmnlOZUWMCGoucuammYt5UnApeM63zYF9KP_-e4P93TH3Bn1kS39xbSPG2MmGkMI2v0BOvuOLDoTjFWAyMK9O_P1Yf2EYRw0zfmxfRIdk=","user":"Automat Automat","user_id":null},{"fingerprint":"54b9ea244c7e665965b9cfd34a714934","id":2,"level":55,"number":201,"phone":"other","recording":true,"secret":"gAAAAABrCO9B6kZys68QVzhpTDFgnA4CFb_20o3I87tWExmMcGdooMlWGSleCCXHZ0QC0wnyhFBSfT0f55oWMPHyyUVu81HhY6s48qYZBl4ghtVexpG5Szw=","user":"Anna Żółć","user_id":2},{"fingerprint":"a810f4c13897d310e18fe73883c6dada","id":3,"level":10,"number":202,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BctWcfieacXQ3N6PI-5uP4me5d4z3qhFNcGZ9NIz0AeH52XePxHfcVF-5psKRrTDw39hk18XydXTvVG65mz4EAmrYdKpSfLvLYIVnXEK5KYI=","user":"Automat Automat","user_id":null},{"fingerprint":"5b7ecaea9075df5d23f19b0fd8a64683","id":4,"level":10,"number":203,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BZVR-mEpht3SUGWR2RcsAdr0JDf5XfO9UBGcsmxb4GBmaHP9H2JK-_eBBMQoQWfGcN39ygaQUIB0iXixZPrBly41gtCfQOsTWRpJrW3mKpBw=","user":"Automat Automat","user_id":null},{"fingerprint":"7b86d805b8ca61e1c01b706e65410973","id":5,"level":10,"number":204,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BrAyoOPNJzMDoV3CHfbsoaztMQFVGh0nhNfCUg9g8ycYKxNNLxGQJdvME3xNwv6sQeZ_XG-K5i1dTdY-2kps08QbhsvQQypzJ1w4HhrDfcYU=","user":"Automat Automat","user_id":null},{"fingerprint":"17413f78e55335eafbe91f777fd09a45","id":6,"level":10,"number":205,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BFGq94eShyvy64SnX9JpPPYI9wwoJQXnrIWGFL2R9ZrZZGXyTlGvrb5g1Az96cfS3g6z7ucILWY5QfGjmR6GSm0SqxKf8VcsNEDBcTsFa_sU=","user":"Automat Automat","user_id":null},{"fingerprint":"7fef10caa764f9fe24ba8fdb4fda2853","id":7,"level":10,"number":206,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BNB1vptsErDmLRQD1mbHNsDYyl91BCNisrRJNYHC9bZaNnDN0ETNNnuqWQWNu9xyYYAoJiBHE52tH1djACv1jHPzHJ8kaOB6a35IX5m7SUkw=","user":"Automat Automat","user_id":null},{"fingerprint":"4e88cc85529023ebfeed225f366c732a","id":8,"level":10,"number":207,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BlAtq5FAWl5bSKGo8ndBJD9id9bYHs9cbnrP4QwYe2Vb0fdaRe_Gs4Tr9V-Fq1Kfz9zRLpzKzGpFptF8gg4-smng-gNONHee6IT6IA-MXvrI=","user":"Automat Automat","user_id":null},{"fingerprint":"932b31fe9c955a8ec17808ccae350a4f","id":9,"level":10,"number":208,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BYSxLe1aPVlo5Yp4VcPbuMxMT2WytBIucB2dTfZpCte-WVMTc9ge-u0v5BGUNtr6yi09oLbuVxZvrL_5rHsyhgWgA9i5JQ_5u7AtUNJgEdnM=","user":"Automat Automat","user_id":null},{"fingerprint":"9a3798d7bd217372e331972e1cc948f5","id":10,"level":10,"number":209,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B-pf4vZH0W0u0ZdVb1UVbVVFUsiz7X2wN9M5Lix2wjg8Jj_yOSuTpPzXsNquT-dOUTN-phSzw9q2kMRiKpjJLRzGU4iqSyeivvjVIvdNKgBk=","user":"Automat Automat","user_id":null},{"fingerprint":"dd3491a0b363f56b503dc0773a6926b4","id":11,"level":10,"number":210,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BqkUK3C7C4D830b4JsZVNoorAkHLNgZ9uLu5GErCpN-fZUDmg97nOt4iv2Z6JJwEsTJ26qlp_1FX90Rvg_HFhuUGP3YoTzgwQgkO-QS6n_aA=","user":"Automat Automat","user_id":null},{"fingerprint":"26db13129fe82564d79ef48e05bf9673","id":12,"level":10,"number":211,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BI6gv6r4b4pWLzX6fiWybSxsa7jzeDwAuSTnWop48QedTnNlpzcV-73LUPbYpxkigIYS926M75mP7pQkPbvSFz4LV81xcyslzCf2ii5PCbuo=","user":"Automat Automat","user_id":null},{"fingerprint":"a688ae951cc132143922a82e54db63e7","id":13,"level":10,"number":212,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B1s8I7khGNIlIJAWej0DuMYK5IZWTGpYQdm_UJTJ5233rlDr9ZKevAnhRjo6HBO0lnve73I3CeTqHQyRFWmZ970JlWq2kKRvm96sMG4-lQy0=","user":"Automat Automat","user_id":null},{"fingerprint":"e84fab964e159795aa25cdb63ad2ad63","id":14,"level":10,"number":213,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B0nMzqWG8vpKMM7ZZviMhKPChGdLbXXnPjBfnpo-CFUk2pDt1OlqE-o308oOwypvjmc81azpVUW1J9WU9Bx0wWFVqVv87t9EAoS6raig7Yuk=","user":"Automat Automat","user_id":null},{"fingerprint":"77333745ecbb6882d1318cded6afaa47","id":15,"level":10,"number":214,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9Bw8ytGcb6yu_KX849lBKVXSjSAjYhjSW0ZJwaE00SRbtM-IqoMBxwmkmGXW96YP8fJauQNaJYR-m_LQLf6MYYeBHYugcHSsvlAJr5EfX2tP8=","user":"Automat Automat","user_id":null},{"fingerprint":"862c7b0a12b743db093ece364447db77","id":16,"level":10,"number":215,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BvtQu9itO3OtmOJkui1paZbCWlf4wvP96yAFXEljO2jSBkfIZIy7w0CXuDNhJXKW_zzBwsQ55fk1sRoRSIQFE_oTGtzdJjFwZMYdJ5nXmJHI=","user":"Automat Automat","user_id":null},{"fingerprint":"37009d4fe01485751f7ae798003c6d38","id":17,"level":10,"number":216,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BsQZj2OINXIhueORkrG7aMqrOIEytwbmZboSVP9ZVJc5CXuRzaC46iTHy7SYg6TPugdGa5PzBf-BdCAvZPQa8f2h80ANeQUPkGOsTZ4rfD14=","user":"Automat Automat","user_id":null},{"fingerprint":"ab88f747373aa21e32e99d5dfc88290c","id":18,"level":10,"number":217,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B_7y-Ch_NI8-UsMdhzia3ROEQLzWwWBNWNQYxyawAaLJf7js7a7OwWdmuN_O36xC72wOfbs5Q8dcvb5D8ZtkegG1DhQ6p1j6NKtRN0IFjPR0=","user":"Automat Automat","user_id":null},{"fingerprint":"b518d64d258fbf4174e359f89b2e3b22","id":19,"level":10,"number":218,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BP7-GcFC7rOMl4xTHwthpksYBo5PKq0ILYTVeF0ITCIF8qenvarRvoqmDIheDtfopLlhOhiwBaKXB1EYyeUX0CNUiX8x2eSS-EQ1_5tv6YEM=","user":"Automat Automat","user_id":null}],"renderer_version":10,"routes":[{"emergency":false,"id":1,"level":10,"name":"Miejskie","pattern":"0[1-9].*","position":1,"prepend_digits":"+48","strip_digits":1,"trunk_id":1},{"emergency":true,"id":2,"level":0,"name":"Alarmowe","pattern":"112|99[789]","position":2,"prepend_digits":"","strip_digits":0,"trunk_id":2},{"emergency":false,"id":3,"level":80,"name":"Zagraniczne","pattern":"00.+","position":3,"prepend_digits":"+","strip_digits":2,"trunk_id":2}],"settings":{"codecs":["alaw","ulaw","g722"],"emergency_numbers":["112","997","998","999"],"realm":"sipweb","ring_seconds":180,"srtp":"optional"},"trunks":[{"caller_id":"+48221234567","fingerprint":"903dcc3a33e4b243c13a7fb81b93a840","host":"127.0.0.1","id":1,"name":"Zielony","port":5999,"realm":"","register":true,"secret":"gAAAAABrCO9Bm59yJ2LNJ4w5CKBIx0OhLCjnfPgp062_NhTV0PEJuCabMILoSk-HbTx0bmxYsQVKARs4u01ariXyF_mDLrxRcw==","transport":"udp","username":"centrum"},{"caller_id":"","fingerprint":"","host":"backup.example.com","id":2,"name":"Szary","port":5060,"realm":"","register":false,"secret":"","transport":"udp","username":""}]}',1,'[{"name": "rendered", "ms": 1, "count": 19}, {"name": "written", "ms": 3, "count": 2}]',NULL,'[]','{"pjsip.conf": "359f94ed0c4da26c5aed6afd5498813148bdbb57ba632e4cb2ce6df62070482a", "extensions.conf": "9a4cd1127a37ea9e4af9c0818f95e9ffb5009b4084d29dd22619e88a3e422d88"}');
INSERT INTO "generation" VALUES(3,'written','2026-11-27 02:47:29.254385','2026-11-27 02:47:29.259121','Administrator','b8b09e46ce99a5ee','{"accounts":[{"fingerprint":"b192219b570369e2d5b229caa8363269","id":1,"level":10,"number":200,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BAepmnlOZUWMCGoucuammYt5UnApeM63zYF9KP_-e4P93TH3Bn1kS39xbSPG2MmGkMI2v0BOvuOLDoTjFWAyMK9O_P1Yf2EYRw0zfmxfRIdk=","user":"Automat Automat","user_id":null},{"fingerprint":"54b9ea244c7e665965b9cfd34a714934","id":2,"level":55,"number":201,"phone":"other","recording":true,"secret":"gAAAAABrCO9B6kZys68QVzhpTDFgnA4CFb_20o3I87tWExmMcGdooMlWGSleCCXHZ0QC0wnyhFBSfT0f55oWMPHyyUVu81HhY6s48qYZBl4ghtVexpG5Szw=","user":"Anna Żółć","user_id":2},{"fingerprint":"a810f4c13897d310e18fe73883c6dada","id":3,"level":10,"number":202,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BctWcfieacXQ3N6PI-5uP4me5d4z3qhFNcGZ9NIz0AeH52XePxHfcVF-5psKRrTDw39hk18XydXTvVG65mz4EAmrYdKpSfLvLYIVnXEK5KYI=","user":"Automat Automat","user_id":null},{"fingerprint":"5b7ecaea9075df5d23f19b0fd8a64683","id":4,"level":33,"number":203,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BZVR-mEpht3SUGWR2RcsAdr0JDf5XfO9UBGcsmxb4GBmaHP9H2JK-_eBBMQoQWfGcN39ygaQUIB0iXixZPrBly41gtCfQOsTWRpJrW3mKpBw=","user":"Automat Automat","user_id":null},{"fingerprint":"57233abcbb3cab876ca515089786d586","id":5,"level":10,"number":204,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B1Z0fTxWSU4uqIwZKg4PGQP6fn3Yo8ns3cfm4iNgCsGaPYJknOn8pPw_ssvVvlQXXZzJc7t3zbdClYL4Hg6X4gLAt9hty_pdh7s2r8dmQzHI=","user":"Automat Automat","user_id":null},{"fingerprint":"17413f78e55335eafbe91f777fd09a45","id":6,"level":10,"number":205,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BFGq94eShyvy64SnX9JpPPYI9wwoJQXnrIWGFL2R9ZrZZGXyTlGvrb5g1Az96cfS3g6z7ucILWY5QfGjmR6GSm0SqxKf8VcsNEDBcTsFa_sU=","user":"Automat Automat","user_id":null},{"fingerprint":"7fef10caa764f9fe24ba8fdb4fda2853","id":7,"level":10,"number":206,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BNB1vptsErDmLRQD1mbHNsDYyl91BCNisrRJNYHC9bZaNnDN0ETNNnuqWQWNu9xyYYAoJiBHE52tH1djACv1jHPzHJ8kaOB6a35IX5m7SUkw=","user":"Automat Automat","user_id":null},{"fingerprint":"4e88cc85529023ebfeed225f366c732a","id":8,"level":10,"number":207,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BlAtq5FAWl5bSKGo8ndBJD9id9bYHs9cbnrP4QwYe2Vb0fdaRe_Gs4Tr9V-Fq1Kfz9zRLpzKzGpFptF8gg4-smng-gNONHee6IT6IA-MXvrI=","user":"Automat Automat","user_id":null},{"fingerprint":"932b31fe9c955a8ec17808ccae350a4f","id":9,"level":10,"number":208,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BYSxLe1aPVlo5Yp4VcPbuMxMT2WytBIucB2dTfZpCte-WVMTc9ge-u0v5BGUNtr6yi09oLbuVxZvrL_5rHsyhgWgA9i5JQ_5u7AtUNJgEdnM=","user":"Automat Automat","user_id":null},{"fingerprint":"9a3798d7bd217372e331972e1cc948f5","id":10,"level":10,"number":209,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B-pf4vZH0W0u0ZdVb1UVbVVFUsiz7X2wN9M5Lix2wjg8Jj_yOSuTpPzXsNquT-dOUTN-phSzw9q2kMRiKpjJLRzGU4iqSyeivvjVIvdNKgBk=","user":"Automat Automat","user_id":null},{"fingerprint":"dd3491a0b363f56b503dc0773a6926b4","id":11,"level":10,"number":210,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BqkUK3C7C4D830b4JsZVNoorAkHLNgZ9uLu5GErCpN-fZUDmg97nOt4iv2Z6JJwEsTJ26qlp_1FX90Rvg_HFhuUGP3YoTzgwQgkO-QS6n_aA=","user":"Automat Automat","user_id":null},{"fingerprint":"26db13129fe82564d79ef48e05bf9673","id":12,"level":10,"number":211,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BI6gv6r4b4pWLzX6fiWybSxsa7jzeDwAuSTnWop48QedTnNlpzcV-73LUPbYpxkigIYS926M75mP7pQkPbvSFz4LV81xcyslzCf2ii5PCbuo=","user":"Automat Automat","user_id":null},{"fingerprint":"a688ae951cc132143922a82e54db63e7","id":13,"level":10,"number":212,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B1s8I7khGNIlIJAWej0DuMYK5IZWTGpYQdm_UJTJ5233rlDr9ZKevAnhRjo6HBO0lnve73I3CeTqHQyRFWmZ970JlWq2kKRvm96sMG4-lQy0=","user":"Automat Automat","user_id":null},{"fingerprint":"e84fab964e159795aa25cdb63ad2ad63","id":14,"level":10,"number":213,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B0nMzqWG8vpKMM7ZZviMhKPChGdLbXXnPjBfnpo-CFUk2pDt1OlqE-o308oOwypvjmc81azpVUW1J9WU9Bx0wWFVqVv87t9EAoS6raig7Yuk=","user":"Automat Automat","user_id":null},{"fingerprint":"77333745ecbb6882d1318cded6afaa47","id":15,"level":10,"number":214,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9Bw8ytGcb6yu_KX849lBKVXSjSAjYhjSW0ZJwaE00SRbtM-IqoMBxwmkmGXW96YP8fJauQNaJYR-m_LQLf6MYYeBHYugcHSsvlAJr5EfX2tP8=","user":"Automat Automat","user_id":null},{"fingerprint":"862c7b0a12b743db093ece364447db77","id":16,"level":10,"number":215,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BvtQu9itO3OtmOJkui1paZbCWlf4wvP96yAFXEljO2jSBkfIZIy7w0CXuDNhJXKW_zzBwsQ55fk1sRoRSIQFE_oTGtzdJjFwZMYdJ5nXmJHI=","user":"Automat Automat","user_id":null},{"fingerprint":"37009d4fe01485751f7ae798003c6d38","id":17,"level":10,"number":216,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BsQZj2OINXIhueORkrG7aMqrOIEytwbmZboSVP9ZVJc5CXuRzaC46iTHy7SYg6TPugdGa5PzBf-BdCAvZPQa8f2h80ANeQUPkGOsTZ4rfD14=","user":"Automat Automat","user_id":null},{"fingerprint":"ab88f747373aa21e32e99d5dfc88290c","id":18,"level":10,"number":217,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9B_7y-Ch_NI8-UsMdhzia3ROEQLzWwWBNWNQYxyawAaLJf7js7a7OwWdmuN_O36xC72wOfbs5Q8dcvb5D8ZtkegG1DhQ6p1j6NKtRN0IFjPR0=","user":"Automat Automat","user_id":null},{"fingerprint":"b518d64d258fbf4174e359f89b2e3b22","id":19,"level":10,"number":218,"phone":"builtin","recording":false,"secret":"gAAAAABrCO9BP7-GcFC7rOMl4xTHwthpksYBo5PKq0ILYTVeF0ITCIF8qenvarRvoqmDIheDtfopLlhOhiwBaKXB1EYyeUX0CNUiX8x2eSS-EQ1_5tv6YEM=","user":"Automat Automat","user_id":null}],"renderer_version":10,"routes":[{"emergency":false,"id":1,"level":10,"name":"Miejskie","pattern":"0[1-9].*","position":1,"prepend_digits":"+48","strip_digits":1,"trunk_id":1},{"emergency":true,"id":2,"level":0,"name":"Alarmowe","pattern":"112|99[789]","position":2,"prepend_digits":"","strip_digits":0,"trunk_id":2},{"emergency":false,"id":3,"level":80,"name":"Zagraniczne","pattern":"00.+","position":3,"prepend_digits":"+","strip_digits":2,"trunk_id":2}],"settings":{"codecs":["alaw","ulaw","g722"],"emergency_numbers":["112","997","998","999"],"realm":"sipweb","ring_seconds":180,"srtp":"optional"},"trunks":[{"caller_id":"+48221234567","fingerprint":"903dcc3a33e4b243c13a7fb81b93a840","host":"127.0.0.1","id":1,"name":"Zielony","port":5999,"realm":"","register":true,"secret":"gAAAAABrCO9Bm59yJ2LNJ4w5CKBIx0OhLCjnfPgp062_NhTV0PEJuCabMILoSk-HbTx0bmxYsQVKARs4u01ariXyF_mDLrxRcw==","transport":"udp","username":"centrum"},{"caller_id":"","fingerprint":"","host":"backup.example.com","id":2,"name":"Szary","port":5060,"realm":"","register":false,"secret":"","transport":"udp","username":""}]}',2,'[{"name": "rendered", "ms": 1, "count": 19}, {"name": "written", "ms": 2, "count": 2}]',NULL,'[]','{"pjsip.conf": "de9913c0999af165fc2a21801fa219fe6828fb1978295315ee80e3f63dcc3008", "extensions.conf": "467f3cc1a49394434b5ec71e53a04d231a2d5a12265b9bc4fce2c40afaae56db"}');
CREATE TABLE "lease" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	token_digest VARCHAR(64) NOT NULL, 
	session_epoch INTEGER NOT NULL, 
	acquired_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, 
	CONSTRAINT uq_lease_user_id UNIQUE (user_id), 
	CONSTRAINT uq_lease_account_id UNIQUE (account_id), 
	CONSTRAINT fk_lease_user_id_user FOREIGN KEY(user_id) REFERENCES user (id), 
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
INSERT INTO "outbound_route" VALUES(1,1,'Miejskie','0[1-9].*',10,1,1,'+48',0,1,1,30);
INSERT INTO "outbound_route" VALUES(2,2,'Alarmowe','112|99[789]',0,2,0,'',1,1,1,31);
INSERT INTO "outbound_route" VALUES(3,3,'Zagraniczne','00.+',80,2,2,'+',0,1,1,32);
CREATE TABLE revision (
	id INTEGER NOT NULL, 
	value INTEGER NOT NULL, 
	CONSTRAINT pk_revision PRIMARY KEY (id)
);
INSERT INTO "revision" VALUES(1,38);
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
	revision INTEGER NOT NULL, 
	CONSTRAINT ck_trunk_port CHECK (port BETWEEN 1 AND 65535), 
	CONSTRAINT ck_trunk_transport CHECK (transport IN ('udp', 'tcp', 'tls')), 
	CONSTRAINT uq_trunk_name UNIQUE (name)
);
INSERT INTO "trunk" VALUES(1,'Zielony','127.0.0.1',5999,'udp','centrum','+48221234567','',1,1,'gAAAAABrCO9Bm59yJ2LNJ4w5CKBIx0OhLCjnfPgp062_NhTV0PEJuCabMILoSk-HbTx0bmxYsQVKARs4u01ariXyF_mDLrxRcw==','903dcc3a33e4b243c13a7fb81b93a840',1,28);
INSERT INTO "trunk" VALUES(2,'Szary','backup.example.com',5060,'udp','','','',0,1,'','',1,29);
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
INSERT INTO "user" VALUES(1,'admin','Administrator','$argon2id$v=19$m=19456,t=2,p=1$X1Am/DhN4ERoZ6VG5O2C+g$RKrDy11XIbhG7Q7mSpR3GHhIg8/GS5Q5Ra5ZML9F5ug',0,'administrator',1,'automatic','builtin',NULL,0,1,1);
INSERT INTO "user" VALUES(2,'anna','Anna Żółć','$argon2id$v=19$m=19456,t=2,p=1$q1HuuVCIfmsXI11fXj28iw$l6Lm2PY9KHcLpcj59rm5iPAh6zZm0169CBxMaNZpf2o',0,'agent',1,'automatic','builtin',NULL,0,1,24);
INSERT INTO "user" VALUES(3,'piotr','Piotr Lis','$argon2id$v=19$m=19456,t=2,p=1$BoXIehvj6AYPHRsQyu5bzg$Yi61Kwl+ZJMDG04PzNyO2KcPoAcOTGIClGKajm45KmA',0,'agent',1,'automatic','builtin',NULL,0,1,25);
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
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('lease',0);
INSERT INTO "sqlite_sequence" VALUES('outbound_route',3);
INSERT INTO "sqlite_sequence" VALUES('user',3);
INSERT INTO "sqlite_sequence" VALUES('audit',35);
INSERT INTO "sqlite_sequence" VALUES('account',20);
INSERT INTO "sqlite_sequence" VALUES('event',29);
INSERT INTO "sqlite_sequence" VALUES('trunk',2);
COMMIT;
