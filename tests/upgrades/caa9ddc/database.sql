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
	revision INTEGER NOT NULL, max_contacts INTEGER DEFAULT 1 NOT NULL CONSTRAINT ck_account_max_contacts CHECK (max_contacts BETWEEN 1 AND 10), pickup_group INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_account_pickup_group CHECK (pickup_group BETWEEN 0 AND 63), forward_always VARCHAR(32) DEFAULT '' NOT NULL, forward_busy VARCHAR(32) DEFAULT '' NOT NULL, forward_no_answer VARCHAR(32) DEFAULT '' NOT NULL, 
	CONSTRAINT ck_account_phone CHECK (phone IN ('builtin', 'other')), 
	CONSTRAINT ck_account_level CHECK (level BETWEEN 0 AND 100), 
	CONSTRAINT ck_account_number CHECK (number BETWEEN 100 AND 999), 
	CONSTRAINT fk_account_user_id_user FOREIGN KEY(user_id) REFERENCES user (id), 
	CONSTRAINT uq_account_number UNIQUE (number)
);
INSERT INTO "account" VALUES(1,200,NULL,'builtin',1,0,10,'gAAAAABrCSG01VFW_r6_r7nA51TMcnxK34kJCER_8JVLOnQpffEmvlUfIhxxvSSVmB7-j7CMmZS_5-YYYRCgvufejFuM1ipaEg_g1DC0ZhiC-6ml8LyBp8c=','bd62298787822a869eaaa5a9e0b6ffed',1,2,1,0,'','','');
INSERT INTO "account" VALUES(2,201,2,'other',1,1,55,'gAAAAABrCSG0TsPx9MQYKSxlYS8aoNGgHA67b8nBhEdAdkGKfPcfdmodaunp7CKAjkU5onoWt2sn2yx4HtjsAd-AtaCsf8EEiPUaliGY5454rsh-BUmgd6I=','54b9ea244c7e665965b9cfd34a714934',2,26,1,0,'','','');
INSERT INTO "account" VALUES(3,202,NULL,'other',1,0,10,'gAAAAABrCSG0aeerSOF0MTJTmP9gTFnSrv8b2cGkrD3XnP1ea72EEuSMI7KOWN6x2K4eWIPRHhuFoVVmG9wTTsnLJpkF4N5GWzRJRJLUTpJ42l22saNDoJQ=','28a7f2b80a60cedcc550feb27a93a969',2,28,3,5,'','','');
INSERT INTO "account" VALUES(4,203,NULL,'builtin',1,0,33,'gAAAAABrCSG05kd19dve_fO-1TQhg9THqavm3aJ94FZwCqCNavz-pf2TAve2nGBimD_H1OChaXwzXBPj9jusWDEv3klCuhT39v2JYbFt_kfFR2UbdcP-1aM=','eab58321353d629c1781f61c4738da16',2,37,1,0,'','','');
INSERT INTO "account" VALUES(5,204,NULL,'builtin',1,0,10,'gAAAAABrCSG0uqiTLbsxyr7Fy-cDev1FKjhUA1AaQWF8R9DoeDodGm0-VcpdfI9ysYrFcmTsKkQnlCjWOhBSinY8tOcGG0qMxl7i0rNSw15LKb_05WA5NB8=','c9db0c1cfc86b4611f0451e2ef2064f6',2,38,1,0,'','','');
INSERT INTO "account" VALUES(6,205,NULL,'builtin',1,0,10,'gAAAAABrCSG0TbSccNoQK4S18JEJHes26d9YJuKMuEh6H3ptCqv8unwbTQhyZUJ1IDDfIVnLmIDT_V7wW4PETQ1mqVEFaIVldXXFWGagTUPig0b95qKBKwE=','2cba5730486d9e57bbdf11248deae563',2,29,1,0,'','206','207');
INSERT INTO "account" VALUES(7,206,NULL,'builtin',1,0,10,'gAAAAABrCSG0xjR39BIhaUv_uD_q4ntM87bIH41YW8UbdNjDSUSbn462k9VHoxwsQtW_GQ1aKJ0MNP4-ZDhDf_ZmWC7talbMXRGNS5O8r0zN14XOlS9fR-I=','a6e882c84b3aa94ac934be346c8205bf',1,8,1,0,'','','');
INSERT INTO "account" VALUES(8,207,NULL,'builtin',1,0,10,'gAAAAABrCSG0v4--dtVGQowrLcrRPLPvmcMtjlmr3S4o9637LEGYo43MEewsTyNmeqkV-fp3bVLtcC4-n0l0Vvv17T0YAQSGAxycrCMxhLpstnSAFQ5NLu0=','f8fc67cd6014020ac14e5afa77dde297',1,9,1,0,'','','');
INSERT INTO "account" VALUES(9,208,NULL,'builtin',1,0,10,'gAAAAABrCSG093V-uKeVOFemd408jlwFcHW8mvql3J71ezrRNsO2TK7kF_L3Nnim8U4O9nxSQqpIX-xR2eivwWAawehB_oF0VdRspr5_6PHvynQw7sFSuHc=','34bf96a6a3976607c5ef3bc970ddadf2',1,10,1,0,'','','');
INSERT INTO "account" VALUES(10,209,NULL,'builtin',1,0,10,'gAAAAABrCSG0md6Z9XdjkozP2afzmQ6BVei_5yfYYwiv1mjCWgSP2Qy-W7aaeY3hQ0zDeDjWOSmI1nUrYhxLGyur6rhelJxXIQo_7K19-HgrYTcMGBsVLlo=','1e7d829a3d5c2be85a25b18343b290ed',1,11,1,0,'','','');
INSERT INTO "account" VALUES(11,210,NULL,'builtin',1,0,10,'gAAAAABrCSG0I19qp9RAx7qV7MlsM-ngr2nhz8nudc5Wfu_zqWnl9S_DZxcV8zGf6E1RPuEcJmIeirmuC3okZ_cud5Vf2VRxETaqrT1dl3KRMOXBq1Ig7k0=','17cef221b198c621e72ab2612f1b369b',1,12,1,0,'','','');
INSERT INTO "account" VALUES(12,211,NULL,'builtin',1,0,10,'gAAAAABrCSG0CRapqg77qIoxMhrk6t4NrJuMDrVXpPyW4MlDVTHk4egSfNPUa3eg4YqluSpzuZQPHS86s09mem3X1BL69u7k7M4F2ouNPeXHFP8TZnXq5BY=','b532df3b70fa69d1153c4c8dd8d37add',1,13,1,0,'','','');
INSERT INTO "account" VALUES(13,212,NULL,'builtin',1,0,10,'gAAAAABrCSG0KET1gxIDb9g6DdQmfKcJDp_PNvZvGTDH67cdbSZ3tPqYXN5Awib4rIkeOlmjoXa9k5D9NipNg4rVoIm6n_6qnmL3m6lA9hP7J3SI7y9hTwg=','6d417533ca2f63ca1fb846c5cd78047c',1,14,1,0,'','','');
INSERT INTO "account" VALUES(14,213,NULL,'builtin',1,0,10,'gAAAAABrCSG044feEmU_IcHaXvdtJhxoemuFQMqiiabv_GQtFihUjKYlAcKYj9NGKsl0N6KDmFfmGzMtD_PZmD01wMtO2UTCQXy3Ye06swS1AosdjWM5AZU=','6078ee09ff0ddb4587cc7631a4ab89af',1,15,1,0,'','','');
INSERT INTO "account" VALUES(15,214,NULL,'builtin',1,0,10,'gAAAAABrCSG0O9Z33HUBJG4Ra_DHICZeJ4lm5sDzMkIHCElbfYF178o3kJT39TisEht4aRyeCruY1EsvcAkZtVCaCR60BGsG1YVNnwuDupqVuYMUyqqVi9M=','81792b4a20d4ea1be7363aaf3dff9ecd',1,16,1,0,'','','');
INSERT INTO "account" VALUES(16,215,NULL,'builtin',1,0,10,'gAAAAABrCSG0sStbiwueMgunJm-cHCrEuBKih3ySIOIgDEzB0OZfxPNG13NO1a_NQHKSCi9Cefn3rCd7s5iTjt274gXOQ1G3ANSaVdnE5xVX_pIBhF2kOTc=','7f2be5ca3fd8dce5de38a81dc545f811',1,17,1,0,'','','');
INSERT INTO "account" VALUES(17,216,NULL,'builtin',1,0,10,'gAAAAABrCSG02mzz8B-DAzQVdfpGtPTaLALjgiCpjrv42diV9JNNt4LOTp1QQepAtHFXLg4IAu_Y9S-SRFsKjDNaXOtLq95rT22QAKuba25cocmxrZ1Mg1k=','2f472746dc4b2d7fad2bc367f7b4566e',1,18,1,0,'','','');
INSERT INTO "account" VALUES(18,217,NULL,'builtin',1,0,10,'gAAAAABrCSG0SZ4ZXiNw4weGDtKWRs2Ynk3Rtf9HsCO4oSDCOZ414Z9tbJ5D4dFUYQ3KqT-nhxyNlLcznKNE4UtslBrhTUz6XkA-MAwqMtfLrMf0D00LjkE=','fcffd0193f02eae8b5bec2fb8d0be70b',1,19,1,0,'','','');
INSERT INTO "account" VALUES(19,218,NULL,'builtin',1,0,10,'gAAAAABrCSG0hH2mpoIJ0-fRDtHLlYL5BHjfP5aAxG8923IZdaXdDkBkfFcL22BA1eJDS-mALG74U07AVtF2zE03jQTteDUdQSPf2fNGpX5MMKC8CYEPK8o=','3bd4f1d711417ff95f7518d3e70522ab',1,20,1,0,'','','');
INSERT INTO "account" VALUES(20,219,NULL,'builtin',0,0,10,'gAAAAABrCSG0ZTpftEil-PDwj3p7jP_i0K9OBsHfpnRvi_Z4qVutsvP3TmjyIdf5ofk5sUyK6ail0rNyEbEmmzpWf2cPf9I_VZ-H75ct-UXqbTM0MF_208A=','4f35b81ab4b9caab121bcfc67d16baf0',2,27,1,0,'','','');
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
INSERT INTO "alembic_version" VALUES('0015');
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
INSERT INTO "audit" VALUES(1,'2026-11-27 06:22:44.239345','flask setup','terminal','user.add',NULL,1,'admin','{"role": [null, "administrator"]}',NULL,NULL);
INSERT INTO "audit" VALUES(2,'2026-11-27 06:22:44.256167','flask setup','terminal','account.add',1,NULL,'200','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(3,'2026-11-27 06:22:44.260660','flask setup','terminal','account.add',2,NULL,'201','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(4,'2026-11-27 06:22:44.271637','flask setup','terminal','account.add',3,NULL,'202','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(5,'2026-11-27 06:22:44.275508','flask setup','terminal','account.add',4,NULL,'203','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(6,'2026-11-27 06:22:44.279471','flask setup','terminal','account.add',5,NULL,'204','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(7,'2026-11-27 06:22:44.282982','flask setup','terminal','account.add',6,NULL,'205','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(8,'2026-11-27 06:22:44.286497','flask setup','terminal','account.add',7,NULL,'206','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(9,'2026-11-27 06:22:44.289582','flask setup','terminal','account.add',8,NULL,'207','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(10,'2026-11-27 06:22:44.292994','flask setup','terminal','account.add',9,NULL,'208','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(11,'2026-11-27 06:22:44.295873','flask setup','terminal','account.add',10,NULL,'209','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(12,'2026-11-27 06:22:44.298755','flask setup','terminal','account.add',11,NULL,'210','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(13,'2026-11-27 06:22:44.301570','flask setup','terminal','account.add',12,NULL,'211','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(14,'2026-11-27 06:22:44.304411','flask setup','terminal','account.add',13,NULL,'212','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(15,'2026-11-27 06:22:44.307168','flask setup','terminal','account.add',14,NULL,'213','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(16,'2026-11-27 06:22:44.309814','flask setup','terminal','account.add',15,NULL,'214','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(17,'2026-11-27 06:22:44.312504','flask setup','terminal','account.add',16,NULL,'215','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(18,'2026-11-27 06:22:44.315246','flask setup','terminal','account.add',17,NULL,'216','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(19,'2026-11-27 06:22:44.317802','flask setup','terminal','account.add',18,NULL,'217','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(20,'2026-11-27 06:22:44.320017','flask setup','terminal','account.add',19,NULL,'218','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(21,'2026-11-27 06:22:44.322719','flask setup','terminal','account.add',20,NULL,'219','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(22,'2026-11-27 06:22:44.386974','flask setup','terminal','generation.written',NULL,NULL,'1','{}',NULL,NULL);
INSERT INTO "audit" VALUES(23,'2026-11-27 06:22:44.503169','Administrator','192.0.2.1','user.add',NULL,2,'anna','{"role": [null, "agent"]}',NULL,NULL);
INSERT INTO "audit" VALUES(24,'2026-11-27 06:22:44.541360','Administrator','192.0.2.1','user.add',NULL,3,'piotr','{"role": [null, "agent"]}',NULL,NULL);
INSERT INTO "audit" VALUES(25,'2026-11-27 06:22:44.554226','Administrator','192.0.2.1','account.edit',2,NULL,'201','{"user": ["Automat Automat", "Anna \u017b\u00f3\u0142\u0107"], "phone": ["builtin", "other"], "recording": [false, true], "level": [10, 55], "secret": []}',NULL,NULL);
INSERT INTO "audit" VALUES(26,'2026-11-27 06:22:44.558796','Administrator','192.0.2.1','account.edit',20,NULL,'219','{"active": [true, false]}',NULL,NULL);
INSERT INTO "audit" VALUES(27,'2026-11-27 06:22:44.563311','Administrator','192.0.2.1','account.edit',3,NULL,'202','{"phone": ["builtin", "other"], "max_contacts": [1, 3], "pickup_group": [0, 5]}',NULL,NULL);
INSERT INTO "audit" VALUES(28,'2026-11-27 06:22:44.567609','Administrator','192.0.2.1','account.edit',6,NULL,'205','{"forward_busy": ["", "206"], "forward_no_answer": ["", "207"]}',NULL,NULL);
INSERT INTO "audit" VALUES(29,'2026-11-27 06:22:44.573988','Administrator','192.0.2.1','trunk.add',NULL,NULL,'Zielony','{"name": [null, "Zielony"], "host": [null, "127.0.0.1"], "port": [null, 5999], "transport": [null, "udp"], "username": [null, "centrum"], "caller_id": [null, "+48221234567"], "realm": [null, ""], "register": [null, true], "active": [null, true], "from_user": [null, "centrum"], "from_domain": [null, "example.com"], "send_pai": [null, true], "dtmf_mode": [null, "info"], "secret": []}',1,NULL);
INSERT INTO "audit" VALUES(30,'2026-11-27 06:22:44.578888','Administrator','192.0.2.1','trunk.add',NULL,NULL,'Szary','{"name": [null, "Szary"], "host": [null, "backup.example.com"], "port": [null, 5060], "transport": [null, "udp"], "username": [null, ""], "caller_id": [null, ""], "realm": [null, ""], "register": [null, false], "active": [null, true], "from_user": [null, ""], "from_domain": [null, ""], "send_pai": [null, false], "dtmf_mode": [null, "auto"]}',2,NULL);
INSERT INTO "audit" VALUES(31,'2026-11-27 06:22:44.589406','Administrator','192.0.2.1','route.add',NULL,NULL,'Miejskie','{"name": [null, "Miejskie"], "pattern": [null, "0[1-9].*"], "level": [null, 10], "trunk_id": [null, "Zielony"], "strip_digits": [null, 1], "prepend_digits": [null, "+48"], "emergency": [null, false], "active": [null, true], "position": [null, 1]}',NULL,1);
INSERT INTO "audit" VALUES(32,'2026-11-27 06:22:44.594613','Administrator','192.0.2.1','route.add',NULL,NULL,'Alarmowe','{"name": [null, "Alarmowe"], "pattern": [null, "112|99[789]"], "level": [null, 0], "trunk_id": [null, "Szary"], "strip_digits": [null, 0], "prepend_digits": [null, ""], "emergency": [null, true], "active": [null, true], "position": [null, 2]}',NULL,2);
INSERT INTO "audit" VALUES(33,'2026-11-27 06:22:44.599812','Administrator','192.0.2.1','route.add',NULL,NULL,'Zagraniczne','{"name": [null, "Zagraniczne"], "pattern": [null, "00.+"], "level": [null, 80], "trunk_id": [null, "Szary"], "strip_digits": [null, 2], "prepend_digits": [null, "+"], "emergency": [null, false], "active": [null, true], "position": [null, 3]}',NULL,3);
INSERT INTO "audit" VALUES(34,'2026-11-27 06:22:44.659921','Administrator','192.0.2.1','generation.written',NULL,NULL,'2','{}',NULL,NULL);
INSERT INTO "audit" VALUES(35,'2026-11-27 06:22:44.667099','Administrator','192.0.2.1','account.edit',4,NULL,'203','{"level": [10, 33]}',NULL,NULL);
INSERT INTO "audit" VALUES(36,'2026-11-27 06:22:44.672678','Administrator','192.0.2.1','account.secret',5,NULL,'204','{}',NULL,NULL);
INSERT INTO "audit" VALUES(37,'2026-11-27 06:22:44.699909','Administrator','192.0.2.1','generation.written',NULL,NULL,'3','{}',NULL,NULL);
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
, forwarded_by VARCHAR(32) DEFAULT '' NOT NULL, forwarded_by_id INTEGER);
INSERT INTO "call" VALUES(1,'pbx','1.1','','2026-11-27 06:22:44.709891',NULL,'2026-11-27 06:22:44.709898','201',NULL,'','202','202',NULL,'','','answered',NULL,NULL,'','','',NULL,NULL,NULL,'','',NULL);
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
INSERT INTO "event" VALUES(1,'pbx','2026-11-27 06:22:44.384840','generated',1,NULL,NULL,1,200,'','added',1);
INSERT INTO "event" VALUES(2,'pbx','2026-11-27 06:22:44.384855','generated',2,NULL,NULL,1,201,'','added',1);
INSERT INTO "event" VALUES(3,'pbx','2026-11-27 06:22:44.384859','generated',3,NULL,NULL,1,202,'','added',1);
INSERT INTO "event" VALUES(4,'pbx','2026-11-27 06:22:44.384863','generated',4,NULL,NULL,1,203,'','added',1);
INSERT INTO "event" VALUES(5,'pbx','2026-11-27 06:22:44.384866','generated',5,NULL,NULL,1,204,'','added',1);
INSERT INTO "event" VALUES(6,'pbx','2026-11-27 06:22:44.384870','generated',6,NULL,NULL,1,205,'','added',1);
INSERT INTO "event" VALUES(7,'pbx','2026-11-27 06:22:44.384874','generated',7,NULL,NULL,1,206,'','added',1);
INSERT INTO "event" VALUES(8,'pbx','2026-11-27 06:22:44.384880','generated',8,NULL,NULL,1,207,'','added',1);
INSERT INTO "event" VALUES(9,'pbx','2026-11-27 06:22:44.384885','generated',9,NULL,NULL,1,208,'','added',1);
INSERT INTO "event" VALUES(10,'pbx','2026-11-27 06:22:44.384889','generated',10,NULL,NULL,1,209,'','added',1);
INSERT INTO "event" VALUES(11,'pbx','2026-11-27 06:22:44.384893','generated',11,NULL,NULL,1,210,'','added',1);
INSERT INTO "event" VALUES(12,'pbx','2026-11-27 06:22:44.384896','generated',12,NULL,NULL,1,211,'','added',1);
INSERT INTO "event" VALUES(13,'pbx','2026-11-27 06:22:44.384900','generated',13,NULL,NULL,1,212,'','added',1);
INSERT INTO "event" VALUES(14,'pbx','2026-11-27 06:22:44.384903','generated',14,NULL,NULL,1,213,'','added',1);
INSERT INTO "event" VALUES(15,'pbx','2026-11-27 06:22:44.384907','generated',15,NULL,NULL,1,214,'','added',1);
INSERT INTO "event" VALUES(16,'pbx','2026-11-27 06:22:44.384911','generated',16,NULL,NULL,1,215,'','added',1);
INSERT INTO "event" VALUES(17,'pbx','2026-11-27 06:22:44.384914','generated',17,NULL,NULL,1,216,'','added',1);
INSERT INTO "event" VALUES(18,'pbx','2026-11-27 06:22:44.384918','generated',18,NULL,NULL,1,217,'','added',1);
INSERT INTO "event" VALUES(19,'pbx','2026-11-27 06:22:44.384921','generated',19,NULL,NULL,1,218,'','added',1);
INSERT INTO "event" VALUES(20,'pbx','2026-11-27 06:22:44.384925','generated',20,NULL,NULL,1,219,'','added',1);
INSERT INTO "event" VALUES(21,'pbx','2026-11-27 06:22:44.658047','generated',20,NULL,NULL,2,219,'','removed',1);
INSERT INTO "event" VALUES(22,'pbx','2026-11-27 06:22:44.658063','generated',2,NULL,NULL,2,201,'','changed',1);
INSERT INTO "event" VALUES(23,'pbx','2026-11-27 06:22:44.658068','generated',3,NULL,NULL,2,202,'','changed',1);
INSERT INTO "event" VALUES(24,'pbx','2026-11-27 06:22:44.658072','generated',6,NULL,NULL,2,205,'','changed',1);
INSERT INTO "event" VALUES(25,'pbx','2026-11-27 06:22:44.658089','generated',NULL,1,NULL,2,NULL,'','added',1);
INSERT INTO "event" VALUES(26,'pbx','2026-11-27 06:22:44.658096','generated',NULL,2,NULL,2,NULL,'','added',1);
INSERT INTO "event" VALUES(27,'pbx','2026-11-27 06:22:44.658104','generated',NULL,NULL,1,2,NULL,'','added',1);
INSERT INTO "event" VALUES(28,'pbx','2026-11-27 06:22:44.658110','generated',NULL,NULL,2,2,NULL,'','added',1);
INSERT INTO "event" VALUES(29,'pbx','2026-11-27 06:22:44.658116','generated',NULL,NULL,3,2,NULL,'','added',1);
INSERT INTO "event" VALUES(30,'pbx','2026-11-27 06:22:44.699502','generated',4,NULL,NULL,3,203,'','changed',1);
INSERT INTO "event" VALUES(31,'pbx','2026-11-27 06:22:44.699516','generated',5,NULL,NULL,3,204,'','changed',1);
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
INSERT INTO "generation" VALUES(1,'written','2026-11-27 06:22:44.358589','2026-11-27 06:22:44.376495','flask setup','1f88e7a93c8de5be','{"accounts":[{"fingerprint":"bd62298787822a869eaaa5a9e0b6ffed","forward_always":"","forward_busy":"","forward_no_answer":"","id":1,"level":10,"max_contacts":1,"number":200,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG01VFW_r6_r7nA51TMcnxK34kJCER_8JVLOnQpffEmvlUfIhxxvSSVmB7-j7CMmZS_5-YYYRCgvufejFuM1ipaEg_g1DC0ZhiC-6ml8LyBp8c=","user":"Automat Automat","user_id":null},{"fingerprint":"8271a30b8dc40f7e6a4a18509e3d539f","forward_always":"","forward_busy":"","forward_no_answer":"","id":2,"level":10,"max_contacts":1,"number":201,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0RYaoIBQ-uv4N_qxVm--DPXqhMWp1BRfaOUxxnAQXZQdaU4If6x14gYPeady8uqJ3GYl6-pB4DepU1B8i6okNqHZw6ss-DZoJ8TKq9e1rMIE=","user":"Automat Automat","user_id":null},{"fingerprint":"28a7f2b80a60cedcc550feb27a93a969","forward_always":"","forward_busy":"","forward_no_answer":"","id":3,"level":10,"max_contacts":1,"number":202,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0aeerSOF0MTJTmP9gTFnSrv8b2cGkrD3XnP1ea72EEuSMI7KOWN6x2K4eWIPRHhuFoVVmG9wTTsnLJpkF4N5GWzRJRJLUTpJ42l22saNDoJQ=","user":"Automat Automat","user_id":null},{"fingerprint":"eab58321353d629c1781f61c4738da16","forward_always":"","forward_busy":"","forward_no_answer":"","id":4,"level":10,"max_contacts":1,"number":203,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG05kd19dve_fO-1TQhg9THqavm3aJ94FZwCqCNavz-pf2TAve2nGBimD_H1OChaXwzXBPj9jusWDEv3klCuhT39v2JYbFt_kfFR2UbdcP-1aM=","user":"Automat Automat","user_id":null},{"fingerprint":"ecc539dd72f936d75dd90a05256a6a36","forward_always":"","forward_busy":"","forward_no_answer":"","id":5,"level":10,"max_contacts":1,"number":204,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0HJ4xb51GYyjhyn6QdF368_qS9GAI2Z17frNODdDhLEjZPVWcQBqg7GrEHwbBLpQOu4ZBXSRws4cAcvakUKPDPVzc6ENU8DjygM8D0t1jKLQ=","user":"Automat Automat","user_id":null},{"fingerprint":"2cba5730486d9e57bbdf11248deae563","forward_always":"","forward_busy":"","forward_no_answer":"","id":6,"level":10,"max_contacts":1,"number":205,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0TbSccNoQK4S18JEJHes26d9YJuKMuEh6H3ptCqv8unwbTQhyZUJ1IDDfIVnLmIDT_V7wW4PETQ1mqVEFaIVldXXFWGagTUPig0b95qKBKwE=","user":"Automat Automat","user_id":null},{"fingerprint":"a6e882c84b3aa94ac934be346c8205bf","forward_always":"","forward_busy":"","forward_no_answer":"","id":7,"level":10,"max_contacts":1,"number":206,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0xjR39BIhaUv_uD_q4ntM87bIH41YW8UbdNjDSUSbn462k9VHoxwsQtW_GQ1aKJ0MNP4-ZDhDf_ZmWC7talbMXRGNS5O8r0zN14XOlS9fR-I=","user":"Automat Automat","user_id":null},{"fingerprint":"f8fc67cd6014020ac14e5afa77dde297","forward_always":"","forward_busy":"","forward_no_answer":"","id":8,"level":10,"max_contacts":1,"number":207,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0v4--dtVGQowrLcrRPLPvmcMtjlmr3S4o9637LEGYo43MEewsTyNmeqkV-fp3bVLtcC4-n0l0Vvv17T0YAQSGAxycrCMxhLpstnSAFQ5NLu0=","user":"Automat Automat","user_id":null},{"fingerprint":"34bf96a6a3976607c5ef3bc970ddadf2","forward_always":"","forward_busy":"","forward_no_answer":"","id":9,"level":10,"max_contacts":1,"number":208,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG093V-uKeVOFemd408jlwFcHW8mvql3J71ezrRNsO2TK7kF_L3Nnim8U4O9nxSQqpIX-xR2eivwWAawehB_oF0VdRspr5_6PHvynQw7sFSuHc=","user":"Automat Automat","user_id":null},{"fingerprint":"1e7d829a3d5c2be85a25b18343b290ed","forward_always":"","forward_busy":"","forward_no_answer":"","id":10,"level":10,"max_contacts":1,"number":209,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0md6Z9XdjkozP2afzmQ6BVei_5yfYYwiv1mjCWgSP2Qy-W7aaeY3hQ0zDeDjWOSmI1nUrYhxLGyur6rhelJxXIQo_7K19-HgrYTcMGBsVLlo=","user":"Automat Automat","user_id":null},{"fingerprint":"17cef221b198c621e72ab2612f1b369b","forward_always":"","forward_busy":"","forward_no_answer":"","id":11,"level":10,"max_contacts":1,"number":210,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0I19qp9RAx7qV7MlsM-ngr2nhz8nudc5Wfu_zqWnl9S_DZxcV8zGf6E1RPuEcJmIeirmuC3okZ_cud5Vf2VRxETaqrT1dl3KRMOXBq1Ig7k0=","user":"Automat Automat","user_id":null},{"fingerprint":"b532df3b70fa69d1153c4c8dd8d37add","forward_always":"","forward_busy":"","forward_no_answer":"","id":12,"level":10,"max_contacts":1,"number":211,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0CRapqg77qIoxMhrk6t4NrJuMDrVXpPyW4MlDVTHk4egSfNPUa3eg4YqluSpzuZQPHS86s09mem3X1BL69u7k7M4F2ouNPeXHFP8TZnXq5BY=","user":"Automat Automat","user_id":null},{"fingerprint":"6d417533ca2f63ca1fb846c5cd78047c","forward_always":"","forward_busy":"","forward_no_answer":"","id":13,"level":10,"max_contacts":1,"number":212,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0KET1gxIDb9g6DdQmfKcJDp_PNvZvGTDH67cdbSZ3tPqYXN5Awib4rIkeOlmjoXa9k5D9NipNg4rVoIm6n_6qnmL3m6lA9hP7J3SI7y9hTwg=","user":"Automat Automat","user_id":null},{"fingerprint":"6078ee09ff0ddb4587cc7631a4ab89af","forward_always":"","forward_busy":"","forward_no_answer":"","id":14,"level":10,"max_contacts":1,"number":213,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG044feEmU_IcHaXvdtJhxoemuFQMqiiabv_GQtFihUjKYlAcKYj9NGKsl0N6KDmFfmGzMtD_PZmD01wMtO2UTCQXy3Ye06swS1AosdjWM5AZU=","user":"Automat Automat","user_id":null},{"fingerprint":"81792b4a20d4ea1be7363aaf3dff9ecd","forward_always":"","forward_busy":"","forward_no_answer":"","id":15,"level":10,"max_contacts":1,"number":214,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0O9Z33HUBJG4Ra_DHICZeJ4lm5sDzMkIHCElbfYF178o3kJT39TisEht4aRyeCruY1EsvcAkZtVCaCR60BGsG1YVNnwuDupqVuYMUyqqVi9M=","user":"Automat Automat","user_id":null},{"fingerprint":"7f2be5ca3fd8dce5de38a81dc545f811","forward_always":"","forward_busy":"","forward_no_answer":"","id":16,"level":10,"max_contacts":1,"number":215,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0sStbiwueMgunJm-cHCrEuBKih3ySIOIgDEzB0OZfxPNG13NO1a_NQHKSCi9Cefn3rCd7s5iTjt274gXOQ1G3ANSaVdnE5xVX_pIBhF2kOTc=","user":"Automat Automat","user_id":null},{"fingerprint":"2f472746dc4b2d7fad2bc367f7b4566e","forward_always":"","forward_busy":"","forward_no_answer":"","id":17,"level":10,"max_contacts":1,"number":216,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG02mzz8B-DAzQVdfpGtPTaLALjgiCpjrv42diV9JNNt4LOTp1QQepAtHFXLg4IAu_Y9S-SRFsKjDNaXOtLq95rT22QAKuba25cocmxrZ1Mg1k=","user":"Automat Automat","user_id":null},{"fingerprint":"fcffd0193f02eae8b5bec2fb8d0be70b","forward_always":"","forward_busy":"","forward_no_answer":"","id":18,"level":10,"max_contacts":1,"number":217,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0SZ4ZXiNw4weGDtKWRs2Ynk3Rtf9HsCO4oSDCOZ414Z9tbJ5D4dFUYQ3KqT-nhxyNlLcznKNE4UtslBrhTUz6XkA-MAwqMtfLrMf0D00LjkE=","user":"Automat Automat","user_id":null},{"fingerprint":"3bd4f1d711417ff95f7518d3e70522ab","forward_always":"","forward_busy":"","forward_no_answer":"","id":19,"level":10,"max_contacts":1,"number":218,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0hH2mpoIJ0-fRDtHLlYL5BHjfP5aAxG8923IZdaXdDkBkfFcL22BA1eJDS-mALG74U07AVtF2zE03jQTteDUdQSPf2fNGpX5MMKC8CYEPK8o=","user":"Automat Automat","user_id":null},{"fingerprint":"4f35b81ab4b9caab121bcfc67d16baf0","forward_always":"","forward_busy":"","forward_no_answer":"","id":20,"level":10,"max_contacts":1,"number":219,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0ZTpftEil-PDwj3p7jP_i0K9OBsHfpnRvi_Z4qVutsvP3TmjyIdf5ofk5sUyK6ail0rNyEbEmmzpWf2cPf9I_VZ-H75ct-UXqbTM0MF_208A=","user":"Automat Automat","user_id":null}],"inactive":[],"renderer_version":12,"routes":[],"settings":{"caller_name_outside":false,"codecs":["alaw","ulaw","g722"],"echo_test":"*43","emergency_numbers":["112","997","998","999"],"fallback_caller_id":"","pickup":"*8","realm":"sipweb","ring_seconds":180,"srtp":"optional","withhold_prefix":"*67"},"trunks":[]}',NULL,'[{"name": "rendered", "ms": 4, "count": 20}, {"name": "written", "ms": 4, "count": 2}]',NULL,'[]','{"pjsip.conf": "0e12099a20cd22efabbe1e1c8ecbd54a766c7ac0938068ff2f3c036a6de6747a", "extensions.conf": "098b437b557a0120097e68c2ac7c998b0496b2eecbea09af2708c571bd33fc93"}');
INSERT INTO "generation" VALUES(2,'written','2026-11-27 06:22:44.636472','2026-11-27 06:22:44.653852','Administrator','f393c8040a1783d4','{"accounts":[{"fingerprint":"bd62298787822a869eaaa5a9e0b6ffed","forward_always":"","forward_busy":"","forward_no_answer":"","id":1,"level":10,"max_contacts":1,"number":200,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG01VFW_r6_r7nA51TMcnxK34kJCER_8JVLOnQpffEmvlUfIhxxvSSVmB7-j7CMmZS_5-YYYRCgvufejFuM1ipaEg_g1DC0ZhiC-6ml8LyBp8c=","user":"Automat Automat","user_id":null},{"fingerprint":"54b9ea244c7e665965b9cfd34a714934","forward_always":"","forward_busy":"","forward_no_answer":"","id":2,"level":55,"max_contacts":1,"number":201,"phone":"other","pickup_group":0,"recording":true,"secret":"gAAAAABrCSG0TsPx9MQYKSxlYS8aoNGgHA67b8nBhEdAdkGKfPcfdmodaunp7CKAjkU5onoWt2sn2yx4HtjsAd-AtaCsf8EEiPUaliGY5454rsh-BUmgd6I=","user":"Anna Żółć","user_id":2},{"fingerprint":"28a7f2b80a60cedcc550feb27a93a969","forward_always":"","forward_busy":"","forward_no_answer":"","id":3,"level":10,"max_contacts":3,"number":202,"phone":"other","pickup_group":5,"recording":false,"secret":"gAAAAABrCSG0aeerSOF0MTJTmP9gTFnSrv8b2cGkrD3XnP1ea72EEuSMI7KOWN6x2K4eWIPRHhuFoVVmG9wTTsnLJpkF4N5GWzRJRJLUTpJ42l22saNDoJQ=","user":"Automat Automat","user_id":null},{"fingerprint":"eab58321353d629c1781f61c4738da16","forward_always":"","forward_busy":"","forward_no_answer":"","id":4,"level":10,"max_contacts":1,"number":203,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG05kd19dve_fO-1TQhg9THqavm3aJ94FZwCqCNavz-pf2TAve2nGBimD_H1OChaXwzXBPj9jusWDEv3klCuhT39v2JYbFt_kfFR2UbdcP-1aM=","user":"Automat Automat","user_id":null},{"fingerprint":"ecc539dd72f936d75dd90a05256a6a36","forward_always":"","forward_busy":"","forward_no_answer":"","id":5,"level":10,"max_contacts":1,"number":204,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0HJ4xb51GYyjhyn6QdF368_qS9GAI2Z17frNODdDhLEjZPVWcQBqg7GrEHwbBLpQOu4ZBXSRws4cAcvakUKPDPVzc6ENU8DjygM8D0t1jKLQ=","user":"Automat Automat","user_id":null},{"fingerprint":"2cba5730486d9e57bbdf11248deae563","forward_always":"","forward_busy":"206","forward_no_answer":"207","id":6,"level":10,"max_contacts":1,"number":205,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0TbSccNoQK4S18JEJHes26d9YJuKMuEh6H3ptCqv8unwbTQhyZUJ1IDDfIVnLmIDT_V7wW4PETQ1mqVEFaIVldXXFWGagTUPig0b95qKBKwE=","user":"Automat Automat","user_id":null},{"fingerprint":"a6e882c84b3aa94ac934be346c8205bf","forward_always":"","forward_busy":"","forward_no_answer":"","id":7,"level":10,"max_contacts":1,"number":206,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0xjR39BIhaUv_uD_q4ntM87bIH41YW8UbdNjDSUSbn462k9VHoxwsQtW_GQ1aKJ0MNP4-ZDhDf_ZmWC7talbMXRGNS5O8r0zN14XOlS9fR-I=","user":"Automat Automat","user_id":null},{"fingerprint":"f8fc67cd6014020ac14e5afa77dde297","forward_always":"","forward_busy":"","forward_no_answer":"","id":8,"level":10,"max_contacts":1,"number":207,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0v4--dtVGQowrLcrRPLPvmcMtjlmr3S4o9637LEGYo43MEewsTyNmeqkV-fp3bVLtcC4-n0l0Vvv17T0YAQSGAxycrCMxhLpstnSAFQ5NLu0=","user":"Automat Automat","user_id":null},{"fingerprint":"34bf96a6a3976607c5ef3bc970ddadf2","forward_always":"","forward_busy":"","forward_no_answer":"","id":9,"level":10,"max_contacts":1,"number":208,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG093V-uKeVOFemd408jlwFcHW8mvql3J71ezrRNsO2TK7kF_L3Nnim8U4O9nxSQqpIX-xR2eivwWAawehB_oF0VdRspr5_6PHvynQw7sFSuHc=","user":"Automat Automat","user_id":null},{"fingerprint":"1e7d829a3d5c2be85a25b18343b290ed","forward_always":"","forward_busy":"","forward_no_answer":"","id":10,"level":10,"max_contacts":1,"number":209,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0md6Z9XdjkozP2afzmQ6BVei_5yfYYwiv1mjCWgSP2Qy-W7aaeY3hQ0zDeDjWOSmI1nUrYhxLGyur6rhelJxXIQo_7K19-HgrYTcMGBsVLlo=","user":"Automat Automat","user_id":null},{"fingerprint":"17cef221b198c621e72ab2612f1b369b","forward_always":"","forward_busy":"","forward_no_answer":"","id":11,"level":10,"max_contacts":1,"number":210,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0I19qp9RAx7qV7MlsM-ngr2nhz8nudc5Wfu_zqWnl9S_DZxcV8zGf6E1RPuEcJmIeirmuC3okZ_cud5Vf2VRxETaqrT1dl3KRMOXBq1Ig7k0=","user":"Automat Automat","user_id":null},{"fingerprint":"b532df3b70fa69d1153c4c8dd8d37add","forward_always":"","forward_busy":"","forward_no_answer":"","id":12,"level":10,"max_contacts":1,"number":211,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0CRapqg77qIoxMhrk6t4NrJuMDrVXpPyW4MlDVTHk4egSfNPUa3eg4YqluSpzuZQPHS86s09mem3X1BL69u7k7M4F2ouNPeXHFP8TZnXq5BY=","user":"Automat Automat","user_id":null},{"fingerprint":"6d417533ca2f63ca1fb846c5cd78047c","forward_always":"","forward_busy":"","forward_no_answer":"","id":13,"level":10,"max_contacts":1,"number":212,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0KET1gxIDb9g6DdQmfKcJDp_PNvZvGTDH67cdbSZ3tPqYXN5Awib4rIkeOlmjoXa9k5D9NipNg4rVoIm6n_6qnmL3m6lA9hP7J3SI7y9hTwg=","user":"Automat Automat","user_id":null},{"fingerprint":"6078ee09ff0ddb4587cc7631a4ab89af","forward_always":"","forward_busy":"","forward_no_answer":"","id":14,"level":10,"max_contacts":1,"number":213,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG044feEmU_IcHaXvdtJhxoemuFQMqiiabv_GQtFihUjKYlAcKYj9NGKsl0N6KDmFfmGzMtD_PZmD01wMtO2UTCQXy3Ye06swS1AosdjWM5AZU=","user":"Automat Automat","user_id":null},{"fingerprint":"81792b4a20d4ea1be7363aaf3dff9ecd","forward_always":"","forward_busy":"","forward_no_answer":"","id":15,"level":10,"max_contacts":1,"number":214,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0O9Z33HUBJG4Ra_DHICZeJ4lm5sDzMkIHCElbfYF178o3kJT39TisEht4aRyeCruY1EsvcAkZtVCaCR60BGsG1YVNnwuDupqVuYMUyqqVi9M=","user":"Automat Automat","user_id":null},{"fingerprint":"7f2be5ca3fd8dce5de38a81dc545f811","forward_always":"","forward_busy":"","forward_no_answer":"","id":16,"level":10,"max_contacts":1,"number":215,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0sStbiwueMgunJm-cHCrEuBKih3ySIOIgDEzB0OZfxPNG13NO1a_NQHKSCi9Cefn3rCd7s5iTjt274gXOQ1G3ANSaVdnE5xVX_pIBhF2kOTc=","user":"Automat Automat","user_id":null},{"fingerprint":"2f472746dc4b2d7fad2bc367f7b4566e","forward_always":"","forward_busy":"","forward_no_answer":"","id":17,"level":10,"max_contacts":1,"number":216,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG02mzz8B-DAzQVdfpGtPTaLALjgiCpjrv42diV9JNNt4LOTp1QQepAtHFXLg4IAu_Y9S-SRFsKjDNaXOtLq95rT22QAKuba25cocmxrZ1Mg1k=","user":"Automat Automat","user_id":null},{"fingerprint":"fcffd0193f02eae8b5bec2fb8d0be70b","forward_always":"","forward_busy":"","forward_no_answer":"","id":18,"level":10,"max_contacts":1,"number":217,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0SZ4ZXiNw4weGDtKWRs2Ynk3Rtf9HsCO4oSDCOZ414Z9tbJ5D4dFUYQ3KqT-nhxyNlLcznKNE4UtslBrhTUz6XkA-MAwqMtfLrMf0D00LjkE=","user":"Automat Automat","user_id":null},{"fingerprint":"3bd4f1d711417ff95f7518d3e70522ab","forward_always":"","forward_busy":"","forward_no_answer":"","id":19,"level":10,"max_contacts":1,"number":218,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0hH2mpoIJ0-fRDtHLlYL5BHjfP5aAxG8923IZdaXdDkBkfFcL22BA1eJDS-mALG74U07AVtF2zE03jQTteDUdQSPf2fNGpX5MMKC8CYEPK8o=","user":"Automat Automat","user_id":null}],"inactive":[{"id":20,"number":219}],"renderer_version":12,"routes":[{"emergency":false,"id":1,"level":10,"name":"Miejskie","pattern":"0[1-9].*","position":1,"prepend_digits":"+48","strip_digits":1,"trunk_id":1},{"emergency":true,"id":2,"level":0,"name":"Alarmowe","pattern":"112|99[789]","position":2,"prepend_digits":"","strip_digits":0,"trunk_id":2},{"emergency":false,"id":3,"level":80,"name":"Zagraniczne","pattern":"00.+","position":3,"prepend_digits":"+","strip_digits":2,"trunk_id":2}],"settings":{"caller_name_outside":false,"codecs":["alaw","ulaw","g722"],"echo_test":"*43","emergency_numbers":["112","997","998","999"],"fallback_caller_id":"","pickup":"*8","realm":"sipweb","ring_seconds":180,"srtp":"optional","withhold_prefix":"*67"},"trunks":[{"caller_id":"+48221234567","dtmf_mode":"info","fingerprint":"903dcc3a33e4b243c13a7fb81b93a840","from_domain":"example.com","from_user":"centrum","host":"127.0.0.1","id":1,"name":"Zielony","port":5999,"realm":"","register":true,"secret":"gAAAAABrCSG0JMY0lnV69rcxI63vfqaTuYvJO-1SXXAR-MzZITbvLEp2YwvA6qcByEuDZVP6w02xELYhS5AxiAQsbzOOlclNBw==","send_pai":true,"transport":"udp","username":"centrum"},{"caller_id":"","dtmf_mode":"auto","fingerprint":"","from_domain":"","from_user":"","host":"backup.example.com","id":2,"name":"Szary","port":5060,"realm":"","register":false,"secret":"","send_pai":false,"transport":"udp","username":""}]}',1,'[{"name": "rendered", "ms": 5, "count": 19}, {"name": "written", "ms": 4, "count": 2}]',NULL,'[]','{"pjsip.conf": "8a4dc6cd1b8cea38e10942e24f98a674f1867f29d0cda921ed6d044f0f70d79e", "extensions.conf": "be4a297956bd695ec92bdbf240f97a968020a0cf62c96ebfe75d540708064f6b"}');
INSERT INTO "generation" VALUES(3,'written','2026-11-27 06:22:44.685161','2026-11-27 06:22:44.697581','Administrator','0153e41ee641207e','{"accounts":[{"fingerprint":"bd62298787822a869eaaa5a9e0b6ffed","forward_always":"","forward_busy":"","forward_no_answer":"","id":1,"level":10,"max_contacts":1,"number":200,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG01VFW_r6_r7nA51TMcnxK34kJCER_8JVLOnQpffEmvlUfIhxxvSSVmB7-j7CMmZS_5-YYYRCgvufejFuM1ipaEg_g1DC0ZhiC-6ml8LyBp8c=","user":"Automat Automat","user_id":null},{"fingerprint":"54b9ea244c7e665965b9cfd34a714934","forward_always":"","forward_busy":"","forward_no_answer":"","id":2,"level":55,"max_contacts":1,"number":201,"phone":"other","pickup_group":0,"recording":true,"secret":"gAAAAABrCSG0TsPx9MQYKSxlYS8aoNGgHA67b8nBhEdAdkGKfPcfdmodaunp7CKAjkU5onoWt2sn2yx4HtjsAd-AtaCsf8EEiPUaliGY5454rsh-BUmgd6I=","user":"Anna Żółć","user_id":2},{"fingerprint":"28a7f2b80a60cedcc550feb27a93a969","forward_always":"","forward_busy":"","forward_no_answer":"","id":3,"level":10,"max_contacts":3,"number":202,"phone":"other","pickup_group":5,"recording":false,"secret":"gAAAAABrCSG0aeerSOF0MTJTmP9gTFnSrv8b2cGkrD3XnP1ea72EEuSMI7KOWN6x2K4eWIPRHhuFoVVmG9wTTsnLJpkF4N5GWzRJRJLUTpJ42l22saNDoJQ=","user":"Automat Automat","user_id":null},{"fingerprint":"eab58321353d629c1781f61c4738da16","forward_always":"","forward_busy":"","forward_no_answer":"","id":4,"level":33,"max_contacts":1,"number":203,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG05kd19dve_fO-1TQhg9THqavm3aJ94FZwCqCNavz-pf2TAve2nGBimD_H1OChaXwzXBPj9jusWDEv3klCuhT39v2JYbFt_kfFR2UbdcP-1aM=","user":"Automat Automat","user_id":null},{"fingerprint":"c9db0c1cfc86b4611f0451e2ef2064f6","forward_always":"","forward_busy":"","forward_no_answer":"","id":5,"level":10,"max_contacts":1,"number":204,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0uqiTLbsxyr7Fy-cDev1FKjhUA1AaQWF8R9DoeDodGm0-VcpdfI9ysYrFcmTsKkQnlCjWOhBSinY8tOcGG0qMxl7i0rNSw15LKb_05WA5NB8=","user":"Automat Automat","user_id":null},{"fingerprint":"2cba5730486d9e57bbdf11248deae563","forward_always":"","forward_busy":"206","forward_no_answer":"207","id":6,"level":10,"max_contacts":1,"number":205,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0TbSccNoQK4S18JEJHes26d9YJuKMuEh6H3ptCqv8unwbTQhyZUJ1IDDfIVnLmIDT_V7wW4PETQ1mqVEFaIVldXXFWGagTUPig0b95qKBKwE=","user":"Automat Automat","user_id":null},{"fingerprint":"a6e882c84b3aa94ac934be346c8205bf","forward_always":"","forward_busy":"","forward_no_answer":"","id":7,"level":10,"max_contacts":1,"number":206,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0xjR39BIhaUv_uD_q4ntM87bIH41YW8UbdNjDSUSbn462k9VHoxwsQtW_GQ1aKJ0MNP4-ZDhDf_ZmWC7talbMXRGNS5O8r0zN14XOlS9fR-I=","user":"Automat Automat","user_id":null},{"fingerprint":"f8fc67cd6014020ac14e5afa77dde297","forward_always":"","forward_busy":"","forward_no_answer":"","id":8,"level":10,"max_contacts":1,"number":207,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0v4--dtVGQowrLcrRPLPvmcMtjlmr3S4o9637LEGYo43MEewsTyNmeqkV-fp3bVLtcC4-n0l0Vvv17T0YAQSGAxycrCMxhLpstnSAFQ5NLu0=","user":"Automat Automat","user_id":null},{"fingerprint":"34bf96a6a3976607c5ef3bc970ddadf2","forward_always":"","forward_busy":"","forward_no_answer":"","id":9,"level":10,"max_contacts":1,"number":208,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG093V-uKeVOFemd408jlwFcHW8mvql3J71ezrRNsO2TK7kF_L3Nnim8U4O9nxSQqpIX-xR2eivwWAawehB_oF0VdRspr5_6PHvynQw7sFSuHc=","user":"Automat Automat","user_id":null},{"fingerprint":"1e7d829a3d5c2be85a25b18343b290ed","forward_always":"","forward_busy":"","forward_no_answer":"","id":10,"level":10,"max_contacts":1,"number":209,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0md6Z9XdjkozP2afzmQ6BVei_5yfYYwiv1mjCWgSP2Qy-W7aaeY3hQ0zDeDjWOSmI1nUrYhxLGyur6rhelJxXIQo_7K19-HgrYTcMGBsVLlo=","user":"Automat Automat","user_id":null},{"fingerprint":"17cef221b198c621e72ab2612f1b369b","forward_always":"","forward_busy":"","forward_no_answer":"","id":11,"level":10,"max_contacts":1,"number":210,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0I19qp9RAx7qV7MlsM-ngr2nhz8nudc5Wfu_zqWnl9S_DZxcV8zGf6E1RPuEcJmIeirmuC3okZ_cud5Vf2VRxETaqrT1dl3KRMOXBq1Ig7k0=","user":"Automat Automat","user_id":null},{"fingerprint":"b532df3b70fa69d1153c4c8dd8d37add","forward_always":"","forward_busy":"","forward_no_answer":"","id":12,"level":10,"max_contacts":1,"number":211,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0CRapqg77qIoxMhrk6t4NrJuMDrVXpPyW4MlDVTHk4egSfNPUa3eg4YqluSpzuZQPHS86s09mem3X1BL69u7k7M4F2ouNPeXHFP8TZnXq5BY=","user":"Automat Automat","user_id":null},{"fingerprint":"6d417533ca2f63ca1fb846c5cd78047c","forward_always":"","forward_busy":"","forward_no_answer":"","id":13,"level":10,"max_contacts":1,"number":212,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0KET1gxIDb9g6DdQmfKcJDp_PNvZvGTDH67cdbSZ3tPqYXN5Awib4rIkeOlmjoXa9k5D9NipNg4rVoIm6n_6qnmL3m6lA9hP7J3SI7y9hTwg=","user":"Automat Automat","user_id":null},{"fingerprint":"6078ee09ff0ddb4587cc7631a4ab89af","forward_always":"","forward_busy":"","forward_no_answer":"","id":14,"level":10,"max_contacts":1,"number":213,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG044feEmU_IcHaXvdtJhxoemuFQMqiiabv_GQtFihUjKYlAcKYj9NGKsl0N6KDmFfmGzMtD_PZmD01wMtO2UTCQXy3Ye06swS1AosdjWM5AZU=","user":"Automat Automat","user_id":null},{"fingerprint":"81792b4a20d4ea1be7363aaf3dff9ecd","forward_always":"","forward_busy":"","forward_no_answer":"","id":15,"level":10,"max_contacts":1,"number":214,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0O9Z33HUBJG4Ra_DHICZeJ4lm5sDzMkIHCElbfYF178o3kJT39TisEht4aRyeCruY1EsvcAkZtVCaCR60BGsG1YVNnwuDupqVuYMUyqqVi9M=","user":"Automat Automat","user_id":null},{"fingerprint":"7f2be5ca3fd8dce5de38a81dc545f811","forward_always":"","forward_busy":"","forward_no_answer":"","id":16,"level":10,"max_contacts":1,"number":215,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0sStbiwueMgunJm-cHCrEuBKih3ySIOIgDEzB0OZfxPNG13NO1a_NQHKSCi9Cefn3rCd7s5iTjt274gXOQ1G3ANSaVdnE5xVX_pIBhF2kOTc=","user":"Automat Automat","user_id":null},{"fingerprint":"2f472746dc4b2d7fad2bc367f7b4566e","forward_always":"","forward_busy":"","forward_no_answer":"","id":17,"level":10,"max_contacts":1,"number":216,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG02mzz8B-DAzQVdfpGtPTaLALjgiCpjrv42diV9JNNt4LOTp1QQepAtHFXLg4IAu_Y9S-SRFsKjDNaXOtLq95rT22QAKuba25cocmxrZ1Mg1k=","user":"Automat Automat","user_id":null},{"fingerprint":"fcffd0193f02eae8b5bec2fb8d0be70b","forward_always":"","forward_busy":"","forward_no_answer":"","id":18,"level":10,"max_contacts":1,"number":217,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0SZ4ZXiNw4weGDtKWRs2Ynk3Rtf9HsCO4oSDCOZ414Z9tbJ5D4dFUYQ3KqT-nhxyNlLcznKNE4UtslBrhTUz6XkA-MAwqMtfLrMf0D00LjkE=","user":"Automat Automat","user_id":null},{"fingerprint":"3bd4f1d711417ff95f7518d3e70522ab","forward_always":"","forward_busy":"","forward_no_answer":"","id":19,"level":10,"max_contacts":1,"number":218,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCSG0hH2mpoIJ0-fRDtHLlYL5BHjfP5aAxG8923IZdaXdDkBkfFcL22BA1eJDS-mALG74U07AVtF2zE03jQTteDUdQSPf2fNGpX5MMKC8CYEPK8o=","user":"Automat Automat","user_id":null}],"inactive":[{"id":20,"number":219}],"renderer_version":12,"routes":[{"emergency":false,"id":1,"level":10,"name":"Miejskie","pattern":"0[1-9].*","position":1,"prepend_digits":"+48","strip_digits":1,"trunk_id":1},{"emergency":true,"id":2,"level":0,"name":"Alarmowe","pattern":"112|99[789]","position":2,"prepend_digits":"","strip_digits":0,"trunk_id":2},{"emergency":false,"id":3,"level":80,"name":"Zagraniczne","pattern":"00.+","position":3,"prepend_digits":"+","strip_digits":2,"trunk_id":2}],"settings":{"caller_name_outside":false,"codecs":["alaw","ulaw","g722"],"echo_test":"*43","emergency_numbers":["112","997","998","999"],"fallback_caller_id":"","pickup":"*8","realm":"sipweb","ring_seconds":180,"srtp":"optional","withhold_prefix":"*67"},"trunks":[{"caller_id":"+48221234567","dtmf_mode":"info","fingerprint":"903dcc3a33e4b243c13a7fb81b93a840","from_domain":"example.com","from_user":"centrum","host":"127.0.0.1","id":1,"name":"Zielony","port":5999,"realm":"","register":true,"secret":"gAAAAABrCSG0JMY0lnV69rcxI63vfqaTuYvJO-1SXXAR-MzZITbvLEp2YwvA6qcByEuDZVP6w02xELYhS5AxiAQsbzOOlclNBw==","send_pai":true,"transport":"udp","username":"centrum"},{"caller_id":"","dtmf_mode":"auto","fingerprint":"","from_domain":"","from_user":"","host":"backup.example.com","id":2,"name":"Szary","port":5060,"realm":"","register":false,"secret":"","send_pai":false,"transport":"udp","username":""}]}',2,'[{"name": "rendered", "ms": 4, "count": 19}, {"name": "written", "ms": 4, "count": 2}]',NULL,'[]','{"pjsip.conf": "a18e139c2f0997e43f003f4c459abc796547ba1125138e0f8f78b20e524158d2", "extensions.conf": "54d1de892dc33470867bc1412dbde65db8249dd8a9fbd9a33c7393ec42cb50f1"}');
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
	locked_until DATETIME, last_attempt_at DATETIME, 
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
INSERT INTO "outbound_route" VALUES(1,1,'Miejskie','0[1-9].*',10,1,1,'+48',0,1,1,32);
INSERT INTO "outbound_route" VALUES(2,2,'Alarmowe','112|99[789]',0,2,0,'',1,1,1,33);
INSERT INTO "outbound_route" VALUES(3,3,'Zagraniczne','00.+',80,2,2,'+',0,1,1,34);
CREATE TABLE revision (
	id INTEGER NOT NULL, 
	value INTEGER NOT NULL, 
	CONSTRAINT pk_revision PRIMARY KEY (id)
);
INSERT INTO "revision" VALUES(1,41);
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
INSERT INTO "trunk" VALUES(1,'Zielony','127.0.0.1',5999,'udp','centrum','+48221234567','',1,1,'gAAAAABrCSG0JMY0lnV69rcxI63vfqaTuYvJO-1SXXAR-MzZITbvLEp2YwvA6qcByEuDZVP6w02xELYhS5AxiAQsbzOOlclNBw==','903dcc3a33e4b243c13a7fb81b93a840',1,30,'centrum','example.com',1,'info');
INSERT INTO "trunk" VALUES(2,'Szary','backup.example.com',5060,'udp','','','',0,1,'','',1,31,'','',0,'auto');
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
	revision INTEGER NOT NULL, password_expires_at DATETIME, 
	CONSTRAINT ck_user_external_phone CHECK (external_phone IN ('builtin', 'other')), 
	CONSTRAINT ck_user_role CHECK (role IN ('administrator', 'agent')), 
	CONSTRAINT ck_user_work_mode CHECK (work_mode IN ('automatic', 'manual')), 
	CONSTRAINT uq_user_login UNIQUE (login)
);
INSERT INTO "user" VALUES(1,'admin','Administrator','$argon2id$v=19$m=19456,t=2,p=1$wyMOqfr7qfpRjj4x7YULvg$Ne3F0DoZcqoEk6M4FpeOpdZ4gY6n2XmkgGwa5Z4q/co',0,'administrator',1,'automatic','builtin',NULL,0,1,1,NULL);
INSERT INTO "user" VALUES(2,'anna','Anna Żółć','$argon2id$v=19$m=19456,t=2,p=1$pk0bwLOadElAfggq/i6oLA$BDdcfVYvDfHgkPQnEWapzWMIXVpUKp+mcw67ubeh5p8',0,'agent',1,'automatic','builtin',NULL,0,1,24,NULL);
INSERT INTO "user" VALUES(3,'piotr','Piotr Lis','$argon2id$v=19$m=19456,t=2,p=1$6f+vjU/ydMDwbPCxHmwN0A$vlMo3/oKtrkPDtG6ZRFSe9jMjAxZEnANJw40IS1/hNo',0,'agent',1,'automatic','builtin',NULL,0,1,25,NULL);
CREATE TABLE web_session (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	token_digest VARCHAR(64) NOT NULL, 
	session_epoch INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	last_used_at DATETIME NOT NULL, 
	ip_address VARCHAR(64) NOT NULL, 
	user_agent VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_web_session PRIMARY KEY (id), 
	CONSTRAINT fk_web_session_user_id_user FOREIGN KEY(user_id) REFERENCES user (id), 
	CONSTRAINT uq_web_session_token_digest UNIQUE (token_digest)
);
INSERT INTO "web_session" VALUES(1,1,'a6e1df6d19390acbe9b00708e3005a458828f397303e43891b1fccd9fcd76a98',0,'2026-11-27 06:22:44.703568','2026-11-27 06:22:44.703568','192.0.2.1','Firefox');
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
CREATE INDEX ix_call_forwarded_by_id_started_at_id ON call (forwarded_by_id, started_at, id);
CREATE INDEX ix_web_session_user_id ON web_session (user_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('lease',0);
INSERT INTO "sqlite_sequence" VALUES('outbound_route',3);
INSERT INTO "sqlite_sequence" VALUES('user',3);
INSERT INTO "sqlite_sequence" VALUES('audit',37);
INSERT INTO "sqlite_sequence" VALUES('account',20);
INSERT INTO "sqlite_sequence" VALUES('event',31);
INSERT INTO "sqlite_sequence" VALUES('trunk',2);
INSERT INTO "sqlite_sequence" VALUES('call',1);
COMMIT;
