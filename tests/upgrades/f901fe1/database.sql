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
INSERT INTO "account" VALUES(1,200,NULL,'builtin',1,0,10,'gAAAAABrCO8_swLpIu2EI6aoP2-jnXW0WiqbD4P4vIHFjtdlYkv4qwb6JfvHoXeab0KzyGdvU_lxWvE4v5l7pHiL7aG9ee6z_W8ag5NR-rLv83i-jA8hglA=','01061540db1e483bab1009cee7a9d583',1,2);
INSERT INTO "account" VALUES(2,201,2,'other',1,1,55,'gAAAAABrCO8_Km_tinI8ohRtt3rpXgrdujxcO4sXd2A2Ea1UVIdYtaLuy09AmtuW0v-w1kfWAXDPcMdIMEs4qi_Mk-sO9XgOw-7AVJ93qHrK7Q1-kCWG-bg=','54b9ea244c7e665965b9cfd34a714934',2,26);
INSERT INTO "account" VALUES(3,202,NULL,'builtin',1,0,10,'gAAAAABrCO8_HmG8BKIdCXjuHPRKY3OCbDfFnzviD6UiMO9a0YpwF-x7IGV6vJEmK72U2XAQrc_GpfpyueLFQk44Lgn9pMqgSCJb0ISMfh_pi0vY6gZhWoA=','cbc1267887f2140ab32a0350fb3adb0d',1,4);
INSERT INTO "account" VALUES(4,203,NULL,'builtin',1,0,33,'gAAAAABrCO8_3D29lo7V9ZYGHJ_--begSlYXNChVijP-3Pvt7wE4w3LKrSSCU7flFZW0TVMp8x8eaM97axaWFM1_VBG1RcOyM7bKd5aoYCcdskOQ39pwRUk=','2dafa6f1d63ec55ef959f424288b70a3',2,35);
INSERT INTO "account" VALUES(5,204,NULL,'builtin',1,0,10,'gAAAAABrCO8_7-3yfmn72iNu9l_97PT21An7xq5fl8aSkYjlIuBbNeBuQQwgSXrfXbqgcm0G32Vv5Gi0hftT4mlvccMv6RlkYCad9-mks86z6sZwLLZKq7o=','c98c42ec8b12e3e540c25a88506669aa',2,36);
INSERT INTO "account" VALUES(6,205,NULL,'builtin',1,0,10,'gAAAAABrCO8_hX-F2Kd2z6GRutS5csDr5XgZAmy0q55XgOE3R6gdJe5RuC15syb_LHc-pl8oSoUJl8CD1fDyX9Vd-XxISdZqGGc_1eQnRX1qvvGCBuUTRRA=','9cc37e05b424d300552a856f937ac593',1,7);
INSERT INTO "account" VALUES(7,206,NULL,'builtin',1,0,10,'gAAAAABrCO8_bKziyPnnmyYsU-B5dJkyHgnmw6d7zNYv3hGVOq4vBIlM5iWm2n0UAECz2GJt6cI5hV1-iIBBDnU2zflDpJXcNGvbF-ngIQNylE0PmqgjlMU=','8c0523ebe02696de0d601755088a14f1',1,8);
INSERT INTO "account" VALUES(8,207,NULL,'builtin',1,0,10,'gAAAAABrCO8_zYnOf4iMTb0fHV6tMrd7S-yIkxNqF4frkHPWkxKHWoU_Z68xaiwNbsfe-ccbRmkQgPLepUc4s1G6yUXbfmc7b-8Lm4D8OdzFpCytW49e8d8=','937df81ecf11500cd0fed80411dde241',1,9);
INSERT INTO "account" VALUES(9,208,NULL,'builtin',1,0,10,'gAAAAABrCO8_4qrQq65eKckHSvMHG5mIFaMsb3EMJ5rzAtXC6InT0vv_pVBrO6POXtIQYBab-rCuYkhfih0l012WrawLViroCNQEraNNQJiiXUWUnwF9ZzQ=','f655a0373f3d8acd2f2ce636e2a40ab7',1,10);
INSERT INTO "account" VALUES(10,209,NULL,'builtin',1,0,10,'gAAAAABrCO8_rNbzaQwVpH4dAHM1dAYaJWg3MBWhAyNKxeilZkPeNSuLNcuieGZnAvY-1yshS7lRMTwmaOrs7D-aa3yPcfg_pbyqHmMAU-RfaBOffMiJpj4=','126fc65b3a2fae9c24fd8f001061599e',1,11);
INSERT INTO "account" VALUES(11,210,NULL,'builtin',1,0,10,'gAAAAABrCO8_rrS--Z6l2LxQVf1WyV2K7C8Ll-F3faDWgWST65iNM7A0p8eySeiaE2lrKzJ9V77nsNJtLd33lIpkYnOgSwVrSEIIdI3Lc3viSeXhHgRLuNw=','90dcfbb9c497929e6194a317ff01c55e',1,12);
INSERT INTO "account" VALUES(12,211,NULL,'builtin',1,0,10,'gAAAAABrCO8_KlHUd6Lox1in61g4z8HqSrbYk7r3Iabkd8WRr1ghSuZCIAOlNIq9U-RcqvrjJFK5iEUdJlenHQkYUH1WULb-5Lpvzdv7lI60dKv0qFGj8dk=','9afd04a053ee106f87737689a3dae6d6',1,13);
INSERT INTO "account" VALUES(13,212,NULL,'builtin',1,0,10,'gAAAAABrCO8_SDFK6lIh3nKxLZOPK5QtbWs-kyQQcije6ssxhjMGj2mH6Fxb4UFnf-WPQStjV5U78Trdb8EIuG_Xzjg5VxEotX9lyWo5Q7y7ebUXbKLlsO0=','97b93da683df1347850be17cf60dc99d',1,14);
INSERT INTO "account" VALUES(14,213,NULL,'builtin',1,0,10,'gAAAAABrCO8_9A2_eQZ8SRLPfuN-PqRStxOjcGeFlkaOI_S4ZFZa-bqnSJcKLA19NGdNLDV6Z4qp5oG0bWebkl0kGQWdmOTykDBVS_5BZsm3yMfAuxNkeNs=','9d55d6b5fd2a35c8c3f3bf646f3fda62',1,15);
INSERT INTO "account" VALUES(15,214,NULL,'builtin',1,0,10,'gAAAAABrCO8_zYeQTjuSwxC45-iAC8Nkq14_KnrFDpsDnL4LtLo75UiwadiH52GYuvwbe3mg4hdkuP6L4lG1wmlVrUvfS7YXMJM2kTyisErEt6ev-b-Tv3o=','918e8bd932646006e2f2a42065301fb0',1,16);
INSERT INTO "account" VALUES(16,215,NULL,'builtin',1,0,10,'gAAAAABrCO8_AX6hjuuzGIoHp-KO376sv65OzIXvXT89AeArRtHG4lWFGc3KH20GI2Cw0JoXUJeQcWbQIMBNUU6GPsDEOAReIVqBmJ6ithBQ5KI8wta0M0I=','63b34795505893e53e80df2283e39da6',1,17);
INSERT INTO "account" VALUES(17,216,NULL,'builtin',1,0,10,'gAAAAABrCO8_3JOSsmkArV_BX5AqDNMCGKF2rWft2qrMCxWZA-QBGvN5MbJdhhCAEYpQRrgYiDN0sMZRq00V_c5H3Bm3BMRP6DZDLzdpIcQiMPzLW4BwgjU=','65ab602c0ccfb415490e1baccb1d7d57',1,18);
INSERT INTO "account" VALUES(18,217,NULL,'builtin',1,0,10,'gAAAAABrCO8_L6YYoLbQ_ZP_WcIoM05r4AE1_fjmSJGFleLX8Q1EIIzFCa5T_Xgeh3Xkq_UoEsgtJ1Y5XoAtdRZXqYAqfcs40qJzsRZj0u1vTUyrXmsMLts=','62a7c52464cd24b5ea1d5096075e6e1d',1,19);
INSERT INTO "account" VALUES(19,218,NULL,'builtin',1,0,10,'gAAAAABrCO8_p8bdguJ9S_bDdJf7jNhv3sD-mD2eQzx_LqTmuXvbkG1mht-ELo_4V0ooybCHmrDvMJ8UpHq8gIoCRv8p5W36kEnO4k2FS8Rj5jOI4cIqGFQ=','22339ca4f01c624f9286af4049a9309d',1,20);
INSERT INTO "account" VALUES(20,219,NULL,'builtin',0,0,10,'gAAAAABrCO8_9-I2axR5zk1NK8urHeUZTDCRiRKwkCLfi2ef6P86ThMlbaSbo8uoCkrDE7NPelLx_NZAKxbXN57aIjQ0988KlQhzJ4qkX3BCqP3gOrLybLE=','4f938a7d61709445f1215a938cea7749',2,27);
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
INSERT INTO "alembic_version" VALUES('0006');
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
INSERT INTO "audit" VALUES(1,'2026-11-27 02:47:27.067475','flask setup','terminal','user.add',NULL,1,'admin','{"role": [null, "administrator"]}',NULL,NULL);
INSERT INTO "audit" VALUES(2,'2026-11-27 02:47:27.090411','flask setup','terminal','account.add',1,NULL,'200','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(3,'2026-11-27 02:47:27.091534','flask setup','terminal','account.add',2,NULL,'201','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(4,'2026-11-27 02:47:27.096761','flask setup','terminal','account.add',3,NULL,'202','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(5,'2026-11-27 02:47:27.097512','flask setup','terminal','account.add',4,NULL,'203','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(6,'2026-11-27 02:47:27.098219','flask setup','terminal','account.add',5,NULL,'204','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(7,'2026-11-27 02:47:27.098989','flask setup','terminal','account.add',6,NULL,'205','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(8,'2026-11-27 02:47:27.107977','flask setup','terminal','account.add',7,NULL,'206','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(9,'2026-11-27 02:47:27.108941','flask setup','terminal','account.add',8,NULL,'207','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(10,'2026-11-27 02:47:27.109648','flask setup','terminal','account.add',9,NULL,'208','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(11,'2026-11-27 02:47:27.110338','flask setup','terminal','account.add',10,NULL,'209','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(12,'2026-11-27 02:47:27.111173','flask setup','terminal','account.add',11,NULL,'210','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(13,'2026-11-27 02:47:27.120289','flask setup','terminal','account.add',12,NULL,'211','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(14,'2026-11-27 02:47:27.121079','flask setup','terminal','account.add',13,NULL,'212','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(15,'2026-11-27 02:47:27.121784','flask setup','terminal','account.add',14,NULL,'213','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(16,'2026-11-27 02:47:27.122503','flask setup','terminal','account.add',15,NULL,'214','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(17,'2026-11-27 02:47:27.123314','flask setup','terminal','account.add',16,NULL,'215','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(18,'2026-11-27 02:47:27.127913','flask setup','terminal','account.add',17,NULL,'216','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(19,'2026-11-27 02:47:27.128702','flask setup','terminal','account.add',18,NULL,'217','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(20,'2026-11-27 02:47:27.129439','flask setup','terminal','account.add',19,NULL,'218','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(21,'2026-11-27 02:47:27.130225','flask setup','terminal','account.add',20,NULL,'219','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(22,'2026-11-27 02:47:27.186626','flask setup','terminal','generation.written',NULL,NULL,'1','{}',NULL,NULL);
INSERT INTO "audit" VALUES(23,'2026-11-27 02:47:27.332572','Administrator','192.0.2.1','user.add',NULL,2,'anna','{"role": [null, "agent"]}',NULL,NULL);
INSERT INTO "audit" VALUES(24,'2026-11-27 02:47:27.393880','Administrator','192.0.2.1','user.add',NULL,3,'piotr','{"role": [null, "agent"]}',NULL,NULL);
INSERT INTO "audit" VALUES(25,'2026-11-27 02:47:27.398896','Administrator','192.0.2.1','account.edit',2,NULL,'201','{"user": ["Automat Automat", "Anna \u017b\u00f3\u0142\u0107"], "phone": ["builtin", "other"], "recording": [false, true], "level": [10, 55], "secret": []}',NULL,NULL);
INSERT INTO "audit" VALUES(26,'2026-11-27 02:47:27.405280','Administrator','192.0.2.1','account.edit',20,NULL,'219','{"active": [true, false]}',NULL,NULL);
INSERT INTO "audit" VALUES(27,'2026-11-27 02:47:27.412189','Administrator','192.0.2.1','trunk.add',NULL,NULL,'Zielony','{"name": [null, "Zielony"], "host": [null, "127.0.0.1"], "port": [null, 5999], "transport": [null, "udp"], "username": [null, "centrum"], "caller_id": [null, "+48221234567"], "realm": [null, ""], "register": [null, true], "active": [null, true], "secret": []}',1,NULL);
INSERT INTO "audit" VALUES(28,'2026-11-27 02:47:27.413672','Administrator','192.0.2.1','trunk.add',NULL,NULL,'Szary','{"name": [null, "Szary"], "host": [null, "backup.example.com"], "port": [null, 5060], "transport": [null, "udp"], "username": [null, ""], "caller_id": [null, ""], "realm": [null, ""], "register": [null, false], "active": [null, true]}',2,NULL);
INSERT INTO "audit" VALUES(29,'2026-11-27 02:47:27.421567','Administrator','192.0.2.1','route.add',NULL,NULL,'Miejskie','{"name": [null, "Miejskie"], "pattern": [null, "0[1-9].*"], "level": [null, 10], "trunk_id": [null, "Zielony"], "strip_digits": [null, 1], "prepend_digits": [null, "+48"], "emergency": [null, false], "active": [null, true], "position": [null, 1]}',NULL,1);
INSERT INTO "audit" VALUES(30,'2026-11-27 02:47:27.423108','Administrator','192.0.2.1','route.add',NULL,NULL,'Alarmowe','{"name": [null, "Alarmowe"], "pattern": [null, "112|99[789]"], "level": [null, 0], "trunk_id": [null, "Szary"], "strip_digits": [null, 0], "prepend_digits": [null, ""], "emergency": [null, true], "active": [null, true], "position": [null, 2]}',NULL,2);
INSERT INTO "audit" VALUES(31,'2026-11-27 02:47:27.428838','Administrator','192.0.2.1','route.add',NULL,NULL,'Zagraniczne','{"name": [null, "Zagraniczne"], "pattern": [null, "00.+"], "level": [null, 80], "trunk_id": [null, "Szary"], "strip_digits": [null, 2], "prepend_digits": [null, "+"], "emergency": [null, false], "active": [null, true], "position": [null, 3]}',NULL,3);
INSERT INTO "audit" VALUES(32,'2026-11-27 02:47:27.485677','Administrator','192.0.2.1','generation.written',NULL,NULL,'2','{}',NULL,NULL);
INSERT INTO "audit" VALUES(33,'2026-11-27 02:47:27.487233','Administrator','192.0.2.1','account.edit',4,NULL,'203','{"level": [10, 33]}',NULL,NULL);
INSERT INTO "audit" VALUES(34,'2026-11-27 02:47:27.493053','Administrator','192.0.2.1','account.secret',5,NULL,'204','{}',NULL,NULL);
INSERT INTO "audit" VALUES(35,'2026-11-27 02:47:27.512795','Administrator','192.0.2.1','generation.written',NULL,NULL,'3','{}',NULL,NULL);
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
	differences JSON NOT NULL, 
	CONSTRAINT pk_generation PRIMARY KEY (number), 
	CONSTRAINT ck_generation_state CHECK (state IN ('running', 'written', 'verified', 'refused', 'interrupted'))
);
INSERT INTO "generation" VALUES(1,'written','2026-11-27 02:47:27.160727','2026-11-27 02:47:27.185272','flask setup','6f35dec5b4f8379f','{"accounts":[{"fingerprint":"01061540db1e483bab1009cee7a9d583","id":1,"level":10,"number":200,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_swLpIu2EI6aoP2-jnXW0WiqbD4P4vIHFjtdlYkv4qwb6JfvHoXeab0KzyGdvU_lxWvE4v5l7pHiL7aG9ee6z_W8ag5NR-rLv83i-jA8hglA=","user":"Automat Automat","user_id":null},{"fingerprint":"b53e5904a265232866201f36f9e6ce16","id":2,"level":10,"number":201,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_OVRFlUiNi0yf12v35Zega7RLQ3hmoHIZN3MS8pajSpfXBP59vEP21IeeseMAt9uUz_NeMjfDvupugdls4yGcPmzw3DVlJD6eEwhehX1c-Js=","user":"Automat Automat","user_id":null},{"fingerprint":"cbc1267887f2140ab32a0350fb3adb0d","id":3,"level":10,"number":202,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_HmG8BKIdCXjuHPRKY3OCbDfFnzviD6UiMO9a0YpwF-x7IGV6vJEmK72U2XAQrc_GpfpyueLFQk44Lgn9pMqgSCJb0ISMfh_pi0vY6gZhWoA=","user":"Automat Automat","user_id":null},{"fingerprint":"2dafa6f1d63ec55ef959f424288b70a3","id":4,"level":10,"number":203,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_3D29lo7V9ZYGHJ_--begSlYXNChVijP-3Pvt7wE4w3LKrSSCU7flFZW0TVMp8x8eaM97axaWFM1_VBG1RcOyM7bKd5aoYCcdskOQ39pwRUk=","user":"Automat Automat","user_id":null},{"fingerprint":"35cb30c481b7ca1c69092edf8dd0acd2","id":5,"level":10,"number":204,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_UY2J4DFabX_8vqK65I8FxV1OXRGqQ9rjH5u6esfvpyfBBy6WWGpxXsUt9DOypWK_KckqKebhuAhE-7vC3JT2hAo7I7llU7r76ws-ooSd5Rc=","user":"Automat Automat","user_id":null},{"fingerprint":"9cc37e05b424d300552a856f937ac593","id":6,"level":10,"number":205,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_hX-F2Kd2z6GRutS5csDr5XgZAmy0q55XgOE3R6gdJe5RuC15syb_LHc-pl8oSoUJl8CD1fDyX9Vd-XxISdZqGGc_1eQnRX1qvvGCBuUTRRA=","user":"Automat Automat","user_id":null},{"fingerprint":"8c0523ebe02696de0d601755088a14f1","id":7,"level":10,"number":206,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_bKziyPnnmyYsU-B5dJkyHgnmw6d7zNYv3hGVOq4vBIlM5iWm2n0UAECz2GJt6cI5hV1-iIBBDnU2zflDpJXcNGvbF-ngIQNylE0PmqgjlMU=","user":"Automat Automat","user_id":null},{"fingerprint":"937df81ecf11500cd0fed80411dde241","id":8,"level":10,"number":207,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_zYnOf4iMTb0fHV6tMrd7S-yIkxNqF4frkHPWkxKHWoU_Z68xaiwNbsfe-ccbRmkQgPLepUc4s1G6yUXbfmc7b-8Lm4D8OdzFpCytW49e8d8=","user":"Automat Automat","user_id":null},{"fingerprint":"f655a0373f3d8acd2f2ce636e2a40ab7","id":9,"level":10,"number":208,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_4qrQq65eKckHSvMHG5mIFaMsb3EMJ5rzAtXC6InT0vv_pVBrO6POXtIQYBab-rCuYkhfih0l012WrawLViroCNQEraNNQJiiXUWUnwF9ZzQ=","user":"Automat Automat","user_id":null},{"fingerprint":"126fc65b3a2fae9c24fd8f001061599e","id":10,"level":10,"number":209,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_rNbzaQwVpH4dAHM1dAYaJWg3MBWhAyNKxeilZkPeNSuLNcuieGZnAvY-1yshS7lRMTwmaOrs7D-aa3yPcfg_pbyqHmMAU-RfaBOffMiJpj4=","user":"Automat Automat","user_id":null},{"fingerprint":"90dcfbb9c497929e6194a317ff01c55e","id":11,"level":10,"number":210,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_rrS--Z6l2LxQVf1WyV2K7C8Ll-F3faDWgWST65iNM7A0p8eySeiaE2lrKzJ9V77nsNJtLd33lIpkYnOgSwVrSEIIdI3Lc3viSeXhHgRLuNw=","user":"Automat Automat","user_id":null},{"fingerprint":"9afd04a053ee106f87737689a3dae6d6","id":12,"level":10,"number":211,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_KlHUd6Lox1in61g4z8HqSrbYk7r3Iabkd8WRr1ghSuZCIAOlNIq9U-RcqvrjJFK5iEUdJlenHQkYUH1WULb-5Lpvzdv7lI60dKv0qFGj8dk=","user":"Automat Automat","user_id":null},{"fingerprint":"97b93da683df1347850be17cf60dc99d","id":13,"level":10,"number":212,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_SDFK6lIh3nKxLZOPK5QtbWs-kyQQcije6ssxhjMGj2mH6Fxb4UFnf-WPQStjV5U78Trdb8EIuG_Xzjg5VxEotX9lyWo5Q7y7ebUXbKLlsO0=","user":"Automat Automat","user_id":null},{"fingerprint":"9d55d6b5fd2a35c8c3f3bf646f3fda62","id":14,"level":10,"number":213,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_9A2_eQZ8SRLPfuN-PqRStxOjcGeFlkaOI_S4ZFZa-bqnSJcKLA19NGdNLDV6Z4qp5oG0bWebkl0kGQWdmOTykDBVS_5BZsm3yMfAuxNkeNs=","user":"Automat Automat","user_id":null},{"fingerprint":"918e8bd932646006e2f2a42065301fb0","id":15,"level":10,"number":214,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_zYeQTjuSwxC45-iAC8Nkq14_KnrFDpsDnL4LtLo75UiwadiH52GYuvwbe3mg4hdkuP6L4lG1wmlVrUvfS7YXMJM2kTyisErEt6ev-b-Tv3o=","user":"Automat Automat","user_id":null},{"fingerprint":"63b34795505893e53e80df2283e39da6","id":16,"level":10,"number":215,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_AX6hjuuzGIoHp-KO376sv65OzIXvXT89AeArRtHG4lWFGc3KH20GI2Cw0JoXUJeQcWbQIMBNUU6GPsDEOAReIVqBmJ6ithBQ5KI8wta0M0I=","user":"Automat Automat","user_id":null},{"fingerprint":"65ab602c0ccfb415490e1baccb1d7d57","id":17,"level":10,"number":216,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_3JOSsmkArV_BX5AqDNMCGKF2rWft2qrMCxWZA-QBGvN5MbJdhhCAEYpQRrgYiDN0sMZRq00V_c5H3Bm3BMRP6DZDLzdpIcQiMPzLW4BwgjU=","user":"Automat Automat","user_id":null},{"fingerprint":"62a7c52464cd24b5ea1d5096075e6e1d","id":18,"level":10,"number":217,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_L6YYoLbQ_ZP_WcIoM05r4AE1_fjmSJGFleLX8Q1EIIzFCa5T_Xgeh3Xkq_UoEsgtJ1Y5XoAtdRZXqYAqfcs40qJzsRZj0u1vTUyrXmsMLts=","user":"Automat Automat","user_id":null},{"fingerprint":"22339ca4f01c624f9286af4049a9309d","id":19,"level":10,"number":218,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_p8bdguJ9S_bDdJf7jNhv3sD-mD2eQzx_LqTmuXvbkG1mht-ELo_4V0ooybCHmrDvMJ8UpHq8gIoCRv8p5W36kEnO4k2FS8Rj5jOI4cIqGFQ=","user":"Automat Automat","user_id":null},{"fingerprint":"4f938a7d61709445f1215a938cea7749","id":20,"level":10,"number":219,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_9-I2axR5zk1NK8urHeUZTDCRiRKwkCLfi2ef6P86ThMlbaSbo8uoCkrDE7NPelLx_NZAKxbXN57aIjQ0988KlQhzJ4qkX3BCqP3gOrLybLE=","user":"Automat Automat","user_id":null}],"renderer_version":8,"routes":[],"settings":{"emergency_numbers":["112","997","998","999"],"realm":"sipweb"},"trunks":[]}',NULL,'[{"name": "rendered", "ms": 8, "count": 20}, {"name": "written", "ms": 14, "count": 2}]',NULL,'[]');
INSERT INTO "generation" VALUES(2,'written','2026-11-27 02:47:27.438607','2026-11-27 02:47:27.474868','Administrator','95c1ad00552f4b23','{"accounts":[{"fingerprint":"01061540db1e483bab1009cee7a9d583","id":1,"level":10,"number":200,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_swLpIu2EI6aoP2-jnXW0WiqbD4P4vIHFjtdlYkv4qwb6JfvHoXeab0KzyGdvU_lxWvE4v5l7pHiL7aG9ee6z_W8ag5NR-rLv83i-jA8hglA=","user":"Automat Automat","user_id":null},{"fingerprint":"54b9ea244c7e665965b9cfd34a714934","id":2,"level":55,"number":201,"phone":"other","recording":true,"secret":"gAAAAABrCO8_Km_tinI8ohRtt3rpXgrdujxcO4sXd2A2Ea1UVIdYtaLuy09AmtuW0v-w1kfWAXDPcMdIMEs4qi_Mk-sO9XgOw-7AVJ93qHrK7Q1-kCWG-bg=","user":"Anna Żółć","user_id":2},{"fingerprint":"cbc1267887f2140ab32a0350fb3adb0d","id":3,"level":10,"number":202,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_HmG8BKIdCXjuHPRKY3OCbDfFnzviD6UiMO9a0YpwF-x7IGV6vJEmK72U2XAQrc_GpfpyueLFQk44Lgn9pMqgSCJb0ISMfh_pi0vY6gZhWoA=","user":"Automat Automat","user_id":null},{"fingerprint":"2dafa6f1d63ec55ef959f424288b70a3","id":4,"level":10,"number":203,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_3D29lo7V9ZYGHJ_--begSlYXNChVijP-3Pvt7wE4w3LKrSSCU7flFZW0TVMp8x8eaM97axaWFM1_VBG1RcOyM7bKd5aoYCcdskOQ39pwRUk=","user":"Automat Automat","user_id":null},{"fingerprint":"35cb30c481b7ca1c69092edf8dd0acd2","id":5,"level":10,"number":204,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_UY2J4DFabX_8vqK65I8FxV1OXRGqQ9rjH5u6esfvpyfBBy6WWGpxXsUt9DOypWK_KckqKebhuAhE-7vC3JT2hAo7I7llU7r76ws-ooSd5Rc=","user":"Automat Automat","user_id":null},{"fingerprint":"9cc37e05b424d300552a856f937ac593","id":6,"level":10,"number":205,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_hX-F2Kd2z6GRutS5csDr5XgZAmy0q55XgOE3R6gdJe5RuC15syb_LHc-pl8oSoUJl8CD1fDyX9Vd-XxISdZqGGc_1eQnRX1qvvGCBuUTRRA=","user":"Automat Automat","user_id":null},{"fingerprint":"8c0523ebe02696de0d601755088a14f1","id":7,"level":10,"number":206,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_bKziyPnnmyYsU-B5dJkyHgnmw6d7zNYv3hGVOq4vBIlM5iWm2n0UAECz2GJt6cI5hV1-iIBBDnU2zflDpJXcNGvbF-ngIQNylE0PmqgjlMU=","user":"Automat Automat","user_id":null},{"fingerprint":"937df81ecf11500cd0fed80411dde241","id":8,"level":10,"number":207,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_zYnOf4iMTb0fHV6tMrd7S-yIkxNqF4frkHPWkxKHWoU_Z68xaiwNbsfe-ccbRmkQgPLepUc4s1G6yUXbfmc7b-8Lm4D8OdzFpCytW49e8d8=","user":"Automat Automat","user_id":null},{"fingerprint":"f655a0373f3d8acd2f2ce636e2a40ab7","id":9,"level":10,"number":208,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_4qrQq65eKckHSvMHG5mIFaMsb3EMJ5rzAtXC6InT0vv_pVBrO6POXtIQYBab-rCuYkhfih0l012WrawLViroCNQEraNNQJiiXUWUnwF9ZzQ=","user":"Automat Automat","user_id":null},{"fingerprint":"126fc65b3a2fae9c24fd8f001061599e","id":10,"level":10,"number":209,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_rNbzaQwVpH4dAHM1dAYaJWg3MBWhAyNKxeilZkPeNSuLNcuieGZnAvY-1yshS7lRMTwmaOrs7D-aa3yPcfg_pbyqHmMAU-RfaBOffMiJpj4=","user":"Automat Automat","user_id":null},{"fingerprint":"90dcfbb9c497929e6194a317ff01c55e","id":11,"level":10,"number":210,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_rrS--Z6l2LxQVf1WyV2K7C8Ll-F3faDWgWST65iNM7A0p8eySeiaE2lrKzJ9V77nsNJtLd33lIpkYnOgSwVrSEIIdI3Lc3viSeXhHgRLuNw=","user":"Automat Automat","user_id":null},{"fingerprint":"9afd04a053ee106f87737689a3dae6d6","id":12,"level":10,"number":211,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_KlHUd6Lox1in61g4z8HqSrbYk7r3Iabkd8WRr1ghSuZCIAOlNIq9U-RcqvrjJFK5iEUdJlenHQkYUH1WULb-5Lpvzdv7lI60dKv0qFGj8dk=","user":"Automat Automat","user_id":null},{"fingerprint":"97b93da683df1347850be17cf60dc99d","id":13,"level":10,"number":212,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_SDFK6lIh3nKxLZOPK5QtbWs-kyQQcije6ssxhjMGj2mH6Fxb4UFnf-WPQStjV5U78Trdb8EIuG_Xzjg5VxEotX9lyWo5Q7y7ebUXbKLlsO0=","user":"Automat Automat","user_id":null},{"fingerprint":"9d55d6b5fd2a35c8c3f3bf646f3fda62","id":14,"level":10,"number":213,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_9A2_eQZ8SRLPfuN-PqRStxOjcGeFlkaOI_S4ZFZa-bqnSJcKLA19NGdNLDV6Z4qp5oG0bWebkl0kGQWdmOTykDBVS_5BZsm3yMfAuxNkeNs=","user":"Automat Automat","user_id":null},{"fingerprint":"918e8bd932646006e2f2a42065301fb0","id":15,"level":10,"number":214,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_zYeQTjuSwxC45-iAC8Nkq14_KnrFDpsDnL4LtLo75UiwadiH52GYuvwbe3mg4hdkuP6L4lG1wmlVrUvfS7YXMJM2kTyisErEt6ev-b-Tv3o=","user":"Automat Automat","user_id":null},{"fingerprint":"63b34795505893e53e80df2283e39da6","id":16,"level":10,"number":215,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_AX6hjuuzGIoHp-KO376sv65OzIXvXT89AeArRtHG4lWFGc3KH20GI2Cw0JoXUJeQcWbQIMBNUU6GPsDEOAReIVqBmJ6ithBQ5KI8wta0M0I=","user":"Automat Automat","user_id":null},{"fingerprint":"65ab602c0ccfb415490e1baccb1d7d57","id":17,"level":10,"number":216,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_3JOSsmkArV_BX5AqDNMCGKF2rWft2qrMCxWZA-QBGvN5MbJdhhCAEYpQRrgYiDN0sMZRq00V_c5H3Bm3BMRP6DZDLzdpIcQiMPzLW4BwgjU=","user":"Automat Automat","user_id":null},{"fingerprint":"62a7c52464cd24b5ea1d5096075e6e1d","id":18,"level":10,"number":217,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_L6YYoLbQ_ZP_WcIoM05r4AE1_fjmSJGFleLX8Q1EIIzFCa5T_Xgeh3Xkq_UoEsgtJ1Y5XoAtdRZXqYAqfcs40qJzsRZj0u1vTUyrXmsMLts=","user":"Automat Automat","user_id":null},{"fingerprint":"22339ca4f01c624f9286af4049a9309d","id":19,"level":10,"number":218,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_p8bdguJ9S_bDdJf7jNhv3sD-mD2eQzx_LqTmuXvbkG1mht-ELo_4V0ooybCHmrDvMJ8UpHq8gIoCRv8p5W36kEnO4k2FS8Rj5jOI4cIqGFQ=","user":"Automat Automat","user_id":null}],"renderer_version":8,"routes":[{"emergency":false,"id":1,"level":10,"name":"Miejskie","pattern":"0[1-9].*","position":1,"prepend_digits":"+48","strip_digits":1,"trunk_id":1},{"emergency":true,"id":2,"level":0,"name":"Alarmowe","pattern":"112|99[789]","position":2,"prepend_digits":"","strip_digits":0,"trunk_id":2},{"emergency":false,"id":3,"level":80,"name":"Zagraniczne","pattern":"00.+","position":3,"prepend_digits":"+","strip_digits":2,"trunk_id":2}],"settings":{"emergency_numbers":["112","997","998","999"],"realm":"sipweb"},"trunks":[{"caller_id":"+48221234567","fingerprint":"903dcc3a33e4b243c13a7fb81b93a840","host":"127.0.0.1","id":1,"name":"Zielony","port":5999,"realm":"","register":true,"secret":"gAAAAABrCO8_wteonJgpJP9c-TSoVsINIReFcHaDHbIGt9Y0LCqrrHwOH-Qfr5D1_ZnqwlvtRLkJrcWBQjA8h_1aasi34rrbhQ==","transport":"udp","username":"centrum"},{"caller_id":"","fingerprint":"","host":"backup.example.com","id":2,"name":"Szary","port":5060,"realm":"","register":false,"secret":"","transport":"udp","username":""}]}',1,'[{"name": "rendered", "ms": 4, "count": 19}, {"name": "written", "ms": 30, "count": 2}]',NULL,'[]');
INSERT INTO "generation" VALUES(3,'written','2026-11-27 02:47:27.503047','2026-11-27 02:47:27.512407','Administrator','515ca7b646c3058f','{"accounts":[{"fingerprint":"01061540db1e483bab1009cee7a9d583","id":1,"level":10,"number":200,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_swLpIu2EI6aoP2-jnXW0WiqbD4P4vIHFjtdlYkv4qwb6JfvHoXeab0KzyGdvU_lxWvE4v5l7pHiL7aG9ee6z_W8ag5NR-rLv83i-jA8hglA=","user":"Automat Automat","user_id":null},{"fingerprint":"54b9ea244c7e665965b9cfd34a714934","id":2,"level":55,"number":201,"phone":"other","recording":true,"secret":"gAAAAABrCO8_Km_tinI8ohRtt3rpXgrdujxcO4sXd2A2Ea1UVIdYtaLuy09AmtuW0v-w1kfWAXDPcMdIMEs4qi_Mk-sO9XgOw-7AVJ93qHrK7Q1-kCWG-bg=","user":"Anna Żółć","user_id":2},{"fingerprint":"cbc1267887f2140ab32a0350fb3adb0d","id":3,"level":10,"number":202,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_HmG8BKIdCXjuHPRKY3OCbDfFnzviD6UiMO9a0YpwF-x7IGV6vJEmK72U2XAQrc_GpfpyueLFQk44Lgn9pMqgSCJb0ISMfh_pi0vY6gZhWoA=","user":"Automat Automat","user_id":null},{"fingerprint":"2dafa6f1d63ec55ef959f424288b70a3","id":4,"level":33,"number":203,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_3D29lo7V9ZYGHJ_--begSlYXNChVijP-3Pvt7wE4w3LKrSSCU7flFZW0TVMp8x8eaM97axaWFM1_VBG1RcOyM7bKd5aoYCcdskOQ39pwRUk=","user":"Automat Automat","user_id":null},{"fingerprint":"c98c42ec8b12e3e540c25a88506669aa","id":5,"level":10,"number":204,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_7-3yfmn72iNu9l_97PT21An7xq5fl8aSkYjlIuBbNeBuQQwgSXrfXbqgcm0G32Vv5Gi0hftT4mlvccMv6RlkYCad9-mks86z6sZwLLZKq7o=","user":"Automat Automat","user_id":null},{"fingerprint":"9cc37e05b424d300552a856f937ac593","id":6,"level":10,"number":205,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_hX-F2Kd2z6GRutS5csDr5XgZAmy0q55XgOE3R6gdJe5RuC15syb_LHc-pl8oSoUJl8CD1fDyX9Vd-XxISdZqGGc_1eQnRX1qvvGCBuUTRRA=","user":"Automat Automat","user_id":null},{"fingerprint":"8c0523ebe02696de0d601755088a14f1","id":7,"level":10,"number":206,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_bKziyPnnmyYsU-B5dJkyHgnmw6d7zNYv3hGVOq4vBIlM5iWm2n0UAECz2GJt6cI5hV1-iIBBDnU2zflDpJXcNGvbF-ngIQNylE0PmqgjlMU=","user":"Automat Automat","user_id":null},{"fingerprint":"937df81ecf11500cd0fed80411dde241","id":8,"level":10,"number":207,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_zYnOf4iMTb0fHV6tMrd7S-yIkxNqF4frkHPWkxKHWoU_Z68xaiwNbsfe-ccbRmkQgPLepUc4s1G6yUXbfmc7b-8Lm4D8OdzFpCytW49e8d8=","user":"Automat Automat","user_id":null},{"fingerprint":"f655a0373f3d8acd2f2ce636e2a40ab7","id":9,"level":10,"number":208,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_4qrQq65eKckHSvMHG5mIFaMsb3EMJ5rzAtXC6InT0vv_pVBrO6POXtIQYBab-rCuYkhfih0l012WrawLViroCNQEraNNQJiiXUWUnwF9ZzQ=","user":"Automat Automat","user_id":null},{"fingerprint":"126fc65b3a2fae9c24fd8f001061599e","id":10,"level":10,"number":209,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_rNbzaQwVpH4dAHM1dAYaJWg3MBWhAyNKxeilZkPeNSuLNcuieGZnAvY-1yshS7lRMTwmaOrs7D-aa3yPcfg_pbyqHmMAU-RfaBOffMiJpj4=","user":"Automat Automat","user_id":null},{"fingerprint":"90dcfbb9c497929e6194a317ff01c55e","id":11,"level":10,"number":210,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_rrS--Z6l2LxQVf1WyV2K7C8Ll-F3faDWgWST65iNM7A0p8eySeiaE2lrKzJ9V77nsNJtLd33lIpkYnOgSwVrSEIIdI3Lc3viSeXhHgRLuNw=","user":"Automat Automat","user_id":null},{"fingerprint":"9afd04a053ee106f87737689a3dae6d6","id":12,"level":10,"number":211,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_KlHUd6Lox1in61g4z8HqSrbYk7r3Iabkd8WRr1ghSuZCIAOlNIq9U-RcqvrjJFK5iEUdJlenHQkYUH1WULb-5Lpvzdv7lI60dKv0qFGj8dk=","user":"Automat Automat","user_id":null},{"fingerprint":"97b93da683df1347850be17cf60dc99d","id":13,"level":10,"number":212,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_SDFK6lIh3nKxLZOPK5QtbWs-kyQQcije6ssxhjMGj2mH6Fxb4UFnf-WPQStjV5U78Trdb8EIuG_Xzjg5VxEotX9lyWo5Q7y7ebUXbKLlsO0=","user":"Automat Automat","user_id":null},{"fingerprint":"9d55d6b5fd2a35c8c3f3bf646f3fda62","id":14,"level":10,"number":213,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_9A2_eQZ8SRLPfuN-PqRStxOjcGeFlkaOI_S4ZFZa-bqnSJcKLA19NGdNLDV6Z4qp5oG0bWebkl0kGQWdmOTykDBVS_5BZsm3yMfAuxNkeNs=","user":"Automat Automat","user_id":null},{"fingerprint":"918e8bd932646006e2f2a42065301fb0","id":15,"level":10,"number":214,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_zYeQTjuSwxC45-iAC8Nkq14_KnrFDpsDnL4LtLo75UiwadiH52GYuvwbe3mg4hdkuP6L4lG1wmlVrUvfS7YXMJM2kTyisErEt6ev-b-Tv3o=","user":"Automat Automat","user_id":null},{"fingerprint":"63b34795505893e53e80df2283e39da6","id":16,"level":10,"number":215,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_AX6hjuuzGIoHp-KO376sv65OzIXvXT89AeArRtHG4lWFGc3KH20GI2Cw0JoXUJeQcWbQIMBNUU6GPsDEOAReIVqBmJ6ithBQ5KI8wta0M0I=","user":"Automat Automat","user_id":null},{"fingerprint":"65ab602c0ccfb415490e1baccb1d7d57","id":17,"level":10,"number":216,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_3JOSsmkArV_BX5AqDNMCGKF2rWft2qrMCxWZA-QBGvN5MbJdhhCAEYpQRrgYiDN0sMZRq00V_c5H3Bm3BMRP6DZDLzdpIcQiMPzLW4BwgjU=","user":"Automat Automat","user_id":null},{"fingerprint":"62a7c52464cd24b5ea1d5096075e6e1d","id":18,"level":10,"number":217,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_L6YYoLbQ_ZP_WcIoM05r4AE1_fjmSJGFleLX8Q1EIIzFCa5T_Xgeh3Xkq_UoEsgtJ1Y5XoAtdRZXqYAqfcs40qJzsRZj0u1vTUyrXmsMLts=","user":"Automat Automat","user_id":null},{"fingerprint":"22339ca4f01c624f9286af4049a9309d","id":19,"level":10,"number":218,"phone":"builtin","recording":false,"secret":"gAAAAABrCO8_p8bdguJ9S_bDdJf7jNhv3sD-mD2eQzx_LqTmuXvbkG1mht-ELo_4V0ooybCHmrDvMJ8UpHq8gIoCRv8p5W36kEnO4k2FS8Rj5jOI4cIqGFQ=","user":"Automat Automat","user_id":null}],"renderer_version":8,"routes":[{"emergency":false,"id":1,"level":10,"name":"Miejskie","pattern":"0[1-9].*","position":1,"prepend_digits":"+48","strip_digits":1,"trunk_id":1},{"emergency":true,"id":2,"level":0,"name":"Alarmowe","pattern":"112|99[789]","position":2,"prepend_digits":"","strip_digits":0,"trunk_id":2},{"emergency":false,"id":3,"level":80,"name":"Zagraniczne","pattern":"00.+","position":3,"prepend_digits":"+","strip_digits":2,"trunk_id":2}],"settings":{"emergency_numbers":["112","997","998","999"],"realm":"sipweb"},"trunks":[{"caller_id":"+48221234567","fingerprint":"903dcc3a33e4b243c13a7fb81b93a840","host":"127.0.0.1","id":1,"name":"Zielony","port":5999,"realm":"","register":true,"secret":"gAAAAABrCO8_wteonJgpJP9c-TSoVsINIReFcHaDHbIGt9Y0LCqrrHwOH-Qfr5D1_ZnqwlvtRLkJrcWBQjA8h_1aasi34rrbhQ==","transport":"udp","username":"centrum"},{"caller_id":"","fingerprint":"","host":"backup.example.com","id":2,"name":"Szary","port":5060,"realm":"","register":false,"secret":"","transport":"udp","username":""}]}',2,'[{"name": "rendered", "ms": 3, "count": 19}, {"name": "written", "ms": 4, "count": 2}]',NULL,'[]');
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
INSERT INTO "trunk" VALUES(1,'Zielony','127.0.0.1',5999,'udp','centrum','+48221234567','',1,1,'gAAAAABrCO8_wteonJgpJP9c-TSoVsINIReFcHaDHbIGt9Y0LCqrrHwOH-Qfr5D1_ZnqwlvtRLkJrcWBQjA8h_1aasi34rrbhQ==','903dcc3a33e4b243c13a7fb81b93a840',1,28);
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
INSERT INTO "user" VALUES(1,'admin','Administrator','$argon2id$v=19$m=19456,t=2,p=1$mVuakCq3hDa1BOd+lcz/YA$KAoLXoMrY6eUd07szVcIk6VflgugepqdZQc+U41G7X4',0,'administrator',1,'automatic','builtin',NULL,0,1,1);
INSERT INTO "user" VALUES(2,'anna','Anna Żółć','$argon2id$v=19$m=19456,t=2,p=1$RAu3dRT8Yotvq4UJz9R8pg$hHeHmMHIw4H6FWprZRkLzBf3AWmAl6l+Y1Jx8w8M8bs',0,'agent',1,'automatic','builtin',NULL,0,1,24);
INSERT INTO "user" VALUES(3,'piotr','Piotr Lis','$argon2id$v=19$m=19456,t=2,p=1$i2wMSfr1b+kic4H8yPo8SA$NkCnfh2Q1V75aG+6Ipq/rl/yCzPgTUYTc9xgd6lHtw4',0,'agent',1,'automatic','builtin',NULL,0,1,25);
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
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('lease',0);
INSERT INTO "sqlite_sequence" VALUES('outbound_route',3);
INSERT INTO "sqlite_sequence" VALUES('user',3);
INSERT INTO "sqlite_sequence" VALUES('audit',35);
INSERT INTO "sqlite_sequence" VALUES('account',20);
INSERT INTO "sqlite_sequence" VALUES('trunk',2);
COMMIT;
