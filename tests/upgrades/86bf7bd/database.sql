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
INSERT INTO "account" VALUES(1,200,NULL,'builtin',1,0,10,'gAAAAABrCW4b7t_Kv5UtQyyWy9oBC0z3DYmupBIVcRSh9eVKvglFX1aFi3Jarug4PnshO4txfyTE7WMxotA-k6QDHOX97Fx2RWXo7DSlCxmKcakDmJRjl0g=','cdecaa420136c55527989b98296bac2f',1,2,1,0,'','','');
INSERT INTO "account" VALUES(2,201,2,'other',1,1,55,'gAAAAABrCW4cdW9L0gBX35M6nmieukA-FdlSUYh3q_4OwJU-iRjqWcozud9kiS_iCfxTRA7OeXhJX3S4TDCqY2JHl-8Ux_BDqnskprk_uxkCiSnpFO_9UBU=','54b9ea244c7e665965b9cfd34a714934',2,26,1,0,'','','');
INSERT INTO "account" VALUES(3,202,NULL,'other',1,0,10,'gAAAAABrCW4b2KQsqe-pkEujaKn4yJRgUb2WQvW5qL9p8E6oM9rvqQAYTJn5uXmZrGRgpLnJWZpedyGxiDHnUo4vqDgTEFdsJPC-YXuGykL4Ia6vvUpZipE=','bd09cfa0e7a76831ecae4f87e975f8b1',2,28,3,5,'','','');
INSERT INTO "account" VALUES(4,203,NULL,'builtin',1,0,33,'gAAAAABrCW4bRIbdJmylWW1mFucYCp-xeFoFeYrxzHJWi8SlsziT9ITE0RI2VLsO3zUN_gMfasL1WBD0iz-QI2V3r84CMOwyWtdnM0MuwZFV9ljSvjUV02Q=','37bbf43cff49ce5ab86e85bd4a6126c8',2,40,1,0,'','','');
INSERT INTO "account" VALUES(5,204,NULL,'builtin',1,0,10,'gAAAAABrCW4chVGFEZC3TQHGFA4kfhgIXRESqYe0mtGF-r0usM4CCOGsy9yspfL3WchkFZMnUFgoExW0bxx3y3X-fxNAfO_Y0SqiNmpp-aOIfbtTRPWqEz8=','4e247715935e8d0fa3bf0eb41bd8bb0f',2,41,1,0,'','','');
INSERT INTO "account" VALUES(6,205,NULL,'builtin',1,0,10,'gAAAAABrCW4b8KGhoKWK6X0XATgZ5Kv__hKtlXv9V_tE0NTb-SxYFaA2-KctU4CewPD9O2Tx7R1KubooCfXGq0WuDNsfrYmmfK_wuWS4ARZZbPcrjg_7CJk=','85b75a62a1933b8999aa8f7b3c23a437',2,29,1,0,'','206','207');
INSERT INTO "account" VALUES(7,206,NULL,'builtin',1,0,10,'gAAAAABrCW4bfqrxWQWQJaDpHDY8yZWMpolIWMqKDdMSVBiKhzwjQ2pImzN-1fO3oEsp5ptmT79LA_TMqw2PmpAQCL0m0qAuzAVhcei0vuDegNZn3NLY9TA=','b07652038e002a8ef724b6247ae2fb63',1,8,1,0,'','','');
INSERT INTO "account" VALUES(8,207,NULL,'builtin',1,0,10,'gAAAAABrCW4bBNnhqhwt8iG7hUj_8ywFqMPbY1RaI2YF7Ll-VVsMt5v4Q4M_YDwQCEm4noNdfmC45J15XC8p8gM-Tv7lPby8olAwwVPvnkUxlSLmPP6KJoM=','f6169be2dcb5cef5d1e192f02b309531',1,9,1,0,'','','');
INSERT INTO "account" VALUES(9,208,NULL,'builtin',1,0,10,'gAAAAABrCW4bMEAecH15ASHU07ganYVJmtyNdwG4zLamO-l2dspp-2jeKvZkO_hS2A1lRalQwIw6c0Ok6J3X2rgr34OCAHKz2CqG9odaGMOLI1Dwko9Lq3Y=','2b7842b3b253f0eab196ac255a94002d',1,10,1,0,'','','');
INSERT INTO "account" VALUES(10,209,NULL,'builtin',1,0,10,'gAAAAABrCW4bvPPUw7dfdRzvTtFzM-r0geSBXx2CnV21D-BoIGYa_zMr5UqwARjUQaZsH3FX-REKDhPorGYJMIQpE4dVMmJeMZFmsgtz1Bfyfq3PhvgENi8=','c25c18d29138640d29323f4ee80ebda6',1,11,1,0,'','','');
INSERT INTO "account" VALUES(11,210,NULL,'builtin',1,0,10,'gAAAAABrCW4bBCKTZKtYj2cRnWNbeFeb2FUJL65FOHy_zgEFViwZ-PfAQ6lgNf0tQBoiy_lYyppT0KFxyQRmkARLxTL2e2hwYEK7y5DY4YhHHTtohtSzUfY=','55060f04db006e1cc2d992b60aca0325',1,12,1,0,'','','');
INSERT INTO "account" VALUES(12,211,NULL,'builtin',1,0,10,'gAAAAABrCW4bsy_afsZVCD3UGWvQTR9WTF8rLt5YqZao6oEONdMh_2Pz5ZqlzejiySAs-jaqU1P22QITWhZcYDQ2HTkvVcAXH1eqxLIk-xQNum3yiUoBybg=','df2627fc9b8453b87b50dd31d6941f91',1,13,1,0,'','','');
INSERT INTO "account" VALUES(13,212,NULL,'builtin',1,0,10,'gAAAAABrCW4bCLbxI4XdK68X0nzaO9sXAvoGGPJ5-8jqr-ZMCie8OZqUHx1sTNgwJf7JrnlHX9PqYs_K10FZZPRKERs4X_xS6nlqT6otIvOP8s9CktaMAtg=','64e9e13acfd2efc8ae107ef9a1bb43aa',1,14,1,0,'','','');
INSERT INTO "account" VALUES(14,213,NULL,'builtin',1,0,10,'gAAAAABrCW4bOgn4CNQicegSwDgCXbUFFb-mSybsJnZjmAE4eTJjunRDaPozP3XpNuRESbxGI0h3n96FzZ9t4_jIBnJnL_RnMwHhuENfosCHF_zYFzLKfQc=','9116557ae4c4ee02961984c21ba338bd',1,15,1,0,'','','');
INSERT INTO "account" VALUES(15,214,NULL,'builtin',1,0,10,'gAAAAABrCW4b5tO38NI14Iwrm3g96pcY4zP4GSF-xaR7Y2Yjmf3fBV_sntPxJNEc3tWBnBOjdlQq0L8iWJLeKK_QKEjQQBjz9n8o0icq8_t4h6C4Yk6lpAQ=','e5fa139659cf26ded975d784747cc108',1,16,1,0,'','','');
INSERT INTO "account" VALUES(16,215,NULL,'builtin',1,0,10,'gAAAAABrCW4bkmHPaba5LHA5IVpLvnojLOXmfVqzHMhuIWzEz8yt6osl_4MgvqwkBA29uNJZHeenBGfgzUZ5uJe22IORerVNt_lx7RPdOWM7ceElnQVFyrE=','f83dbff63def5b252aeed0fa7a8321c8',1,17,1,0,'','','');
INSERT INTO "account" VALUES(17,216,NULL,'builtin',1,0,10,'gAAAAABrCW4bmGvfKEzDA1p54E7Gpmr1h4vCuMMwaI42Cdn5OMiWNZREJk-e-dgTn5VMj3KthyZF_ceSalptE0PiKDS5obK8uIQru11E173beZwdOSUr3_U=','f0e9e8dedbe76a9c3c3c97a0a5b570d8',1,18,1,0,'','','');
INSERT INTO "account" VALUES(18,217,NULL,'builtin',1,0,10,'gAAAAABrCW4bGG5uoKOscj-xJoFUhB33LDYq0Qh9MbjH7_UkCGbOBfCcu9Vd7kFDxz_I_dh2KzmJC-nmPJjxP2ks9vLbbpSOjoil1Yf6pHZHPTpDDYronKk=','792e6118eb021aaf1f7135df7d9f50fa',1,19,1,0,'','','');
INSERT INTO "account" VALUES(19,218,NULL,'builtin',1,0,10,'gAAAAABrCW4bMYAQxlGr8ZhcqOfHxrbKg_n2zFjkqYmjTdt9qSPdJzpvZ14jhObchA8WeG7-9p2KDxajDWHUhFHm9WIbjtwtdSDwUhG__aJhaOW2BV0SIK0=','0a5382f2f1512d20b010a837270d581a',1,20,1,0,'','','');
INSERT INTO "account" VALUES(20,219,NULL,'builtin',0,0,10,'gAAAAABrCW4bbGE-PpFE9eedkWjXUBX2ed9jytowgd95Gn9YIgOeBiE1Tr66LjeWftcrGEEmpr5oYeoic1j7415ssBlqLCLsLSNYWPQVRT1YgPFx5rQvVfo=','b448f829379c8e1e01c01164f43f6aa0',2,27,1,0,'','','');
CREATE TABLE account_usage (
	minute DATETIME NOT NULL, 
	total INTEGER NOT NULL, 
	in_use INTEGER NOT NULL, 
	peak INTEGER NOT NULL, 
	needed INTEGER NOT NULL, 
	refused INTEGER NOT NULL, 
	audit_id INTEGER NOT NULL, 
	CONSTRAINT pk_account_usage PRIMARY KEY (minute)
);
CREATE TABLE acknowledgement (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	subject VARCHAR(20) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	actor_name VARCHAR(80) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT uq_acknowledgement_fingerprint UNIQUE (fingerprint)
);
CREATE TABLE address_block (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	address VARCHAR(64) NOT NULL, 
	begun_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	unblocked_by VARCHAR(80) NOT NULL
);
INSERT INTO "address_block" VALUES(1,'192.0.2.66','2026-11-27 11:48:44.105510','2026-11-27 11:48:44.105513',31,'');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0022');
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
INSERT INTO "audit" VALUES(1,'2026-11-27 11:48:43.772970','flask setup','terminal','user.add',NULL,1,'admin','{"role": [null, "administrator"]}',NULL,NULL);
INSERT INTO "audit" VALUES(2,'2026-11-27 11:48:43.801361','flask setup','terminal','account.add',1,NULL,'200','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(3,'2026-11-27 11:48:43.808924','flask setup','terminal','account.add',2,NULL,'201','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(4,'2026-11-27 11:48:43.811940','flask setup','terminal','account.add',3,NULL,'202','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(5,'2026-11-27 11:48:43.815487','flask setup','terminal','account.add',4,NULL,'203','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(6,'2026-11-27 11:48:43.817558','flask setup','terminal','account.add',5,NULL,'204','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(7,'2026-11-27 11:48:43.820101','flask setup','terminal','account.add',6,NULL,'205','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(8,'2026-11-27 11:48:43.824029','flask setup','terminal','account.add',7,NULL,'206','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(9,'2026-11-27 11:48:43.825636','flask setup','terminal','account.add',8,NULL,'207','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(10,'2026-11-27 11:48:43.826827','flask setup','terminal','account.add',9,NULL,'208','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(11,'2026-11-27 11:48:43.830084','flask setup','terminal','account.add',10,NULL,'209','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(12,'2026-11-27 11:48:43.834247','flask setup','terminal','account.add',11,NULL,'210','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(13,'2026-11-27 11:48:43.835985','flask setup','terminal','account.add',12,NULL,'211','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(14,'2026-11-27 11:48:43.838787','flask setup','terminal','account.add',13,NULL,'212','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(15,'2026-11-27 11:48:43.843715','flask setup','terminal','account.add',14,NULL,'213','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(16,'2026-11-27 11:48:43.844892','flask setup','terminal','account.add',15,NULL,'214','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(17,'2026-11-27 11:48:43.846440','flask setup','terminal','account.add',16,NULL,'215','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(18,'2026-11-27 11:48:43.850217','flask setup','terminal','account.add',17,NULL,'216','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(19,'2026-11-27 11:48:43.851664','flask setup','terminal','account.add',18,NULL,'217','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(20,'2026-11-27 11:48:43.855319','flask setup','terminal','account.add',19,NULL,'218','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(21,'2026-11-27 11:48:43.856717','flask setup','terminal','account.add',20,NULL,'219','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "recording": [null, false], "level": [null, 10], "max_contacts": [null, 1], "pickup_group": [null, 0], "active": [null, true]}',NULL,NULL);
INSERT INTO "audit" VALUES(22,'2026-11-27 11:48:43.912690','flask setup','terminal','generation.written',NULL,NULL,'1','{}',NULL,NULL);
INSERT INTO "audit" VALUES(23,'2026-11-27 11:48:43.985252','Administrator','192.0.2.1','user.add',NULL,2,'anna','{"role": [null, "agent"]}',NULL,NULL);
INSERT INTO "audit" VALUES(24,'2026-11-27 11:48:44.013201','Administrator','192.0.2.1','user.add',NULL,3,'piotr','{"role": [null, "agent"]}',NULL,NULL);
INSERT INTO "audit" VALUES(25,'2026-11-27 11:48:44.020244','Administrator','192.0.2.1','account.edit',2,NULL,'201','{"user": ["Automat Automat", "Anna \u017b\u00f3\u0142\u0107"], "phone": ["builtin", "other"], "recording": [false, true], "level": [10, 55], "secret": []}',NULL,NULL);
INSERT INTO "audit" VALUES(26,'2026-11-27 11:48:44.023668','Administrator','192.0.2.1','account.edit',20,NULL,'219','{"active": [true, false]}',NULL,NULL);
INSERT INTO "audit" VALUES(27,'2026-11-27 11:48:44.028902','Administrator','192.0.2.1','account.edit',3,NULL,'202','{"phone": ["builtin", "other"], "max_contacts": [1, 3], "pickup_group": [0, 5]}',NULL,NULL);
INSERT INTO "audit" VALUES(28,'2026-11-27 11:48:44.030942','Administrator','192.0.2.1','account.edit',6,NULL,'205','{"forward_busy": ["", "206"], "forward_no_answer": ["", "207"]}',NULL,NULL);
INSERT INTO "audit" VALUES(29,'2026-11-27 11:48:44.033780','Administrator','192.0.2.1','trunk.add',NULL,NULL,'Zielony','{"name": [null, "Zielony"], "host": [null, "127.0.0.1"], "port": [null, 5999], "transport": [null, "udp"], "username": [null, "centrum"], "caller_id": [null, "+48221234567"], "realm": [null, ""], "register": [null, true], "active": [null, true], "from_user": [null, "centrum"], "from_domain": [null, "example.com"], "send_pai": [null, true], "dtmf_mode": [null, "info"], "secret": []}',1,NULL);
INSERT INTO "audit" VALUES(30,'2026-11-27 11:48:44.036455','Administrator','192.0.2.1','trunk.add',NULL,NULL,'Szary','{"name": [null, "Szary"], "host": [null, "backup.example.com"], "port": [null, 5060], "transport": [null, "udp"], "username": [null, ""], "caller_id": [null, ""], "realm": [null, ""], "register": [null, false], "active": [null, true], "from_user": [null, ""], "from_domain": [null, ""], "send_pai": [null, false], "dtmf_mode": [null, "auto"]}',2,NULL);
INSERT INTO "audit" VALUES(31,'2026-11-27 11:48:44.041124','Administrator','192.0.2.1','route.add',NULL,NULL,'Miejskie','{"name": [null, "Miejskie"], "pattern": [null, "0[1-9].*"], "level": [null, 10], "trunk_id": [null, "Zielony"], "strip_digits": [null, 1], "prepend_digits": [null, "+48"], "emergency": [null, false], "active": [null, true], "position": [null, 1]}',NULL,1);
INSERT INTO "audit" VALUES(32,'2026-11-27 11:48:44.044780','Administrator','192.0.2.1','route.add',NULL,NULL,'Alarmowe','{"name": [null, "Alarmowe"], "pattern": [null, "112|99[789]"], "level": [null, 0], "trunk_id": [null, "Szary"], "strip_digits": [null, 0], "prepend_digits": [null, ""], "emergency": [null, true], "active": [null, true], "position": [null, 2]}',NULL,2);
INSERT INTO "audit" VALUES(33,'2026-11-27 11:48:44.046724','Administrator','192.0.2.1','route.add',NULL,NULL,'Zagraniczne','{"name": [null, "Zagraniczne"], "pattern": [null, "00.+"], "level": [null, 80], "trunk_id": [null, "Szary"], "strip_digits": [null, 2], "prepend_digits": [null, "+"], "emergency": [null, false], "active": [null, true], "position": [null, 3]}',NULL,3);
INSERT INTO "audit" VALUES(34,'2026-11-27 11:48:44.051140','Administrator','192.0.2.1','provisioning.set_up',3,NULL,'202','{"vendor": [null, "yealink"], "mac": [null, "001565000001"]}',NULL,NULL);
INSERT INTO "audit" VALUES(35,'2026-11-27 11:48:44.083345','Administrator','192.0.2.1','user.add',NULL,4,'olga','{"role": [null, "editor"]}',NULL,NULL);
INSERT INTO "audit" VALUES(36,'2026-11-27 11:48:44.096891','Olga Nowak','','second_factor.add',NULL,4,'olga','{"second_factor": [null, "totp"]}',NULL,NULL);
INSERT INTO "audit" VALUES(37,'2026-11-27 11:48:44.132011','Administrator','192.0.2.1','generation.written',NULL,NULL,'2','{}',NULL,NULL);
INSERT INTO "audit" VALUES(38,'2026-11-27 11:48:44.134506','Administrator','192.0.2.1','account.edit',4,NULL,'203','{"level": [10, 33]}',NULL,NULL);
INSERT INTO "audit" VALUES(39,'2026-11-27 11:48:44.136198','Administrator','192.0.2.1','account.secret',5,NULL,'204','{}',NULL,NULL);
INSERT INTO "audit" VALUES(40,'2026-11-27 11:48:44.147551','Administrator','192.0.2.1','generation.written',NULL,NULL,'3','{}',NULL,NULL);
CREATE TABLE audit_subject (
	id INTEGER NOT NULL, 
	entry_id INTEGER NOT NULL, 
	account_id INTEGER, 
	user_id INTEGER, 
	subject VARCHAR(80) NOT NULL, 
	changes JSON NOT NULL, 
	CONSTRAINT pk_audit_subject PRIMARY KEY (id), 
	CONSTRAINT fk_audit_subject_entry_id_audit FOREIGN KEY(entry_id) REFERENCES audit (id) ON DELETE CASCADE
);
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
INSERT INTO "call" VALUES(1,'pbx','1.1','','2026-11-27 11:48:44.151423',NULL,'2026-11-27 11:48:44.151426','201',NULL,'','202','202',NULL,'','','answered',NULL,NULL,'','','',NULL,NULL,NULL,'','',NULL);
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
INSERT INTO "event" VALUES(1,'pbx','2026-11-27 11:48:43.911792','generated',1,NULL,NULL,1,200,'','added',1);
INSERT INTO "event" VALUES(2,'pbx','2026-11-27 11:48:43.911800','generated',2,NULL,NULL,1,201,'','added',1);
INSERT INTO "event" VALUES(3,'pbx','2026-11-27 11:48:43.911802','generated',3,NULL,NULL,1,202,'','added',1);
INSERT INTO "event" VALUES(4,'pbx','2026-11-27 11:48:43.911804','generated',4,NULL,NULL,1,203,'','added',1);
INSERT INTO "event" VALUES(5,'pbx','2026-11-27 11:48:43.911806','generated',5,NULL,NULL,1,204,'','added',1);
INSERT INTO "event" VALUES(6,'pbx','2026-11-27 11:48:43.911808','generated',6,NULL,NULL,1,205,'','added',1);
INSERT INTO "event" VALUES(7,'pbx','2026-11-27 11:48:43.911810','generated',7,NULL,NULL,1,206,'','added',1);
INSERT INTO "event" VALUES(8,'pbx','2026-11-27 11:48:43.911814','generated',8,NULL,NULL,1,207,'','added',1);
INSERT INTO "event" VALUES(9,'pbx','2026-11-27 11:48:43.911817','generated',9,NULL,NULL,1,208,'','added',1);
INSERT INTO "event" VALUES(10,'pbx','2026-11-27 11:48:43.911820','generated',10,NULL,NULL,1,209,'','added',1);
INSERT INTO "event" VALUES(11,'pbx','2026-11-27 11:48:43.911822','generated',11,NULL,NULL,1,210,'','added',1);
INSERT INTO "event" VALUES(12,'pbx','2026-11-27 11:48:43.911825','generated',12,NULL,NULL,1,211,'','added',1);
INSERT INTO "event" VALUES(13,'pbx','2026-11-27 11:48:43.911826','generated',13,NULL,NULL,1,212,'','added',1);
INSERT INTO "event" VALUES(14,'pbx','2026-11-27 11:48:43.911828','generated',14,NULL,NULL,1,213,'','added',1);
INSERT INTO "event" VALUES(15,'pbx','2026-11-27 11:48:43.911829','generated',15,NULL,NULL,1,214,'','added',1);
INSERT INTO "event" VALUES(16,'pbx','2026-11-27 11:48:43.911831','generated',16,NULL,NULL,1,215,'','added',1);
INSERT INTO "event" VALUES(17,'pbx','2026-11-27 11:48:43.911838','generated',17,NULL,NULL,1,216,'','added',1);
INSERT INTO "event" VALUES(18,'pbx','2026-11-27 11:48:43.911841','generated',18,NULL,NULL,1,217,'','added',1);
INSERT INTO "event" VALUES(19,'pbx','2026-11-27 11:48:43.911842','generated',19,NULL,NULL,1,218,'','added',1);
INSERT INTO "event" VALUES(20,'pbx','2026-11-27 11:48:43.911844','generated',20,NULL,NULL,1,219,'','added',1);
INSERT INTO "event" VALUES(21,'pbx','2026-11-27 11:48:44.131277','generated',20,NULL,NULL,2,219,'','removed',1);
INSERT INTO "event" VALUES(22,'pbx','2026-11-27 11:48:44.131285','generated',2,NULL,NULL,2,201,'','changed',1);
INSERT INTO "event" VALUES(23,'pbx','2026-11-27 11:48:44.131287','generated',3,NULL,NULL,2,202,'','changed',1);
INSERT INTO "event" VALUES(24,'pbx','2026-11-27 11:48:44.131289','generated',6,NULL,NULL,2,205,'','changed',1);
INSERT INTO "event" VALUES(25,'pbx','2026-11-27 11:48:44.131297','generated',NULL,1,NULL,2,NULL,'','added',1);
INSERT INTO "event" VALUES(26,'pbx','2026-11-27 11:48:44.131300','generated',NULL,2,NULL,2,NULL,'','added',1);
INSERT INTO "event" VALUES(27,'pbx','2026-11-27 11:48:44.131303','generated',NULL,NULL,1,2,NULL,'','added',1);
INSERT INTO "event" VALUES(28,'pbx','2026-11-27 11:48:44.131306','generated',NULL,NULL,2,2,NULL,'','added',1);
INSERT INTO "event" VALUES(29,'pbx','2026-11-27 11:48:44.131308','generated',NULL,NULL,3,2,NULL,'','added',1);
INSERT INTO "event" VALUES(30,'pbx','2026-11-27 11:48:44.147343','generated',4,NULL,NULL,3,203,'','changed',1);
INSERT INTO "event" VALUES(31,'pbx','2026-11-27 11:48:44.147350','generated',5,NULL,NULL,3,204,'','changed',1);
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
INSERT INTO "generation" VALUES(1,'written','2026-11-27 11:48:43.891830','2026-11-27 11:48:43.906017','flask setup','2e597f749a0f5f5c','{"accounts":[{"fingerprint":"cdecaa420136c55527989b98296bac2f","forward_always":"","forward_busy":"","forward_no_answer":"","id":1,"level":10,"max_contacts":1,"number":200,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4b7t_Kv5UtQyyWy9oBC0z3DYmupBIVcRSh9eVKvglFX1aFi3Jarug4PnshO4txfyTE7WMxotA-k6QDHOX97Fx2RWXo7DSlCxmKcakDmJRjl0g=","user":"Automat Automat","user_id":null},{"fingerprint":"53e38bff9a32c4011f3f0f128b4331bc","forward_always":"","forward_busy":"","forward_no_answer":"","id":2,"level":10,"max_contacts":1,"number":201,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bUmhOyWuSgAaUIbuRwQrVCOet6DIclTFeABjRs7vKRJjiXdV_3AeyOpCVWM8fxu17zMa213OSoI9orRJ3ElDF6AtqDy19wyVgWiiP_dDx74M=","user":"Automat Automat","user_id":null},{"fingerprint":"bd09cfa0e7a76831ecae4f87e975f8b1","forward_always":"","forward_busy":"","forward_no_answer":"","id":3,"level":10,"max_contacts":1,"number":202,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4b2KQsqe-pkEujaKn4yJRgUb2WQvW5qL9p8E6oM9rvqQAYTJn5uXmZrGRgpLnJWZpedyGxiDHnUo4vqDgTEFdsJPC-YXuGykL4Ia6vvUpZipE=","user":"Automat Automat","user_id":null},{"fingerprint":"37bbf43cff49ce5ab86e85bd4a6126c8","forward_always":"","forward_busy":"","forward_no_answer":"","id":4,"level":10,"max_contacts":1,"number":203,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bRIbdJmylWW1mFucYCp-xeFoFeYrxzHJWi8SlsziT9ITE0RI2VLsO3zUN_gMfasL1WBD0iz-QI2V3r84CMOwyWtdnM0MuwZFV9ljSvjUV02Q=","user":"Automat Automat","user_id":null},{"fingerprint":"5f00f4452ab6ff32abba92fd5ee38564","forward_always":"","forward_busy":"","forward_no_answer":"","id":5,"level":10,"max_contacts":1,"number":204,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bWZTf-nHGYmp8dXjOlShbrbwvL2zCvtjUbdfWdcrW4cHZhLF6cCmdLEQAWftcHtg9Cv_qeYNaVl2SCrkfb7UxR0qFavHvmd0OxRI4BuBLuB0=","user":"Automat Automat","user_id":null},{"fingerprint":"85b75a62a1933b8999aa8f7b3c23a437","forward_always":"","forward_busy":"","forward_no_answer":"","id":6,"level":10,"max_contacts":1,"number":205,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4b8KGhoKWK6X0XATgZ5Kv__hKtlXv9V_tE0NTb-SxYFaA2-KctU4CewPD9O2Tx7R1KubooCfXGq0WuDNsfrYmmfK_wuWS4ARZZbPcrjg_7CJk=","user":"Automat Automat","user_id":null},{"fingerprint":"b07652038e002a8ef724b6247ae2fb63","forward_always":"","forward_busy":"","forward_no_answer":"","id":7,"level":10,"max_contacts":1,"number":206,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bfqrxWQWQJaDpHDY8yZWMpolIWMqKDdMSVBiKhzwjQ2pImzN-1fO3oEsp5ptmT79LA_TMqw2PmpAQCL0m0qAuzAVhcei0vuDegNZn3NLY9TA=","user":"Automat Automat","user_id":null},{"fingerprint":"f6169be2dcb5cef5d1e192f02b309531","forward_always":"","forward_busy":"","forward_no_answer":"","id":8,"level":10,"max_contacts":1,"number":207,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bBNnhqhwt8iG7hUj_8ywFqMPbY1RaI2YF7Ll-VVsMt5v4Q4M_YDwQCEm4noNdfmC45J15XC8p8gM-Tv7lPby8olAwwVPvnkUxlSLmPP6KJoM=","user":"Automat Automat","user_id":null},{"fingerprint":"2b7842b3b253f0eab196ac255a94002d","forward_always":"","forward_busy":"","forward_no_answer":"","id":9,"level":10,"max_contacts":1,"number":208,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bMEAecH15ASHU07ganYVJmtyNdwG4zLamO-l2dspp-2jeKvZkO_hS2A1lRalQwIw6c0Ok6J3X2rgr34OCAHKz2CqG9odaGMOLI1Dwko9Lq3Y=","user":"Automat Automat","user_id":null},{"fingerprint":"c25c18d29138640d29323f4ee80ebda6","forward_always":"","forward_busy":"","forward_no_answer":"","id":10,"level":10,"max_contacts":1,"number":209,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bvPPUw7dfdRzvTtFzM-r0geSBXx2CnV21D-BoIGYa_zMr5UqwARjUQaZsH3FX-REKDhPorGYJMIQpE4dVMmJeMZFmsgtz1Bfyfq3PhvgENi8=","user":"Automat Automat","user_id":null},{"fingerprint":"55060f04db006e1cc2d992b60aca0325","forward_always":"","forward_busy":"","forward_no_answer":"","id":11,"level":10,"max_contacts":1,"number":210,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bBCKTZKtYj2cRnWNbeFeb2FUJL65FOHy_zgEFViwZ-PfAQ6lgNf0tQBoiy_lYyppT0KFxyQRmkARLxTL2e2hwYEK7y5DY4YhHHTtohtSzUfY=","user":"Automat Automat","user_id":null},{"fingerprint":"df2627fc9b8453b87b50dd31d6941f91","forward_always":"","forward_busy":"","forward_no_answer":"","id":12,"level":10,"max_contacts":1,"number":211,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bsy_afsZVCD3UGWvQTR9WTF8rLt5YqZao6oEONdMh_2Pz5ZqlzejiySAs-jaqU1P22QITWhZcYDQ2HTkvVcAXH1eqxLIk-xQNum3yiUoBybg=","user":"Automat Automat","user_id":null},{"fingerprint":"64e9e13acfd2efc8ae107ef9a1bb43aa","forward_always":"","forward_busy":"","forward_no_answer":"","id":13,"level":10,"max_contacts":1,"number":212,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bCLbxI4XdK68X0nzaO9sXAvoGGPJ5-8jqr-ZMCie8OZqUHx1sTNgwJf7JrnlHX9PqYs_K10FZZPRKERs4X_xS6nlqT6otIvOP8s9CktaMAtg=","user":"Automat Automat","user_id":null},{"fingerprint":"9116557ae4c4ee02961984c21ba338bd","forward_always":"","forward_busy":"","forward_no_answer":"","id":14,"level":10,"max_contacts":1,"number":213,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bOgn4CNQicegSwDgCXbUFFb-mSybsJnZjmAE4eTJjunRDaPozP3XpNuRESbxGI0h3n96FzZ9t4_jIBnJnL_RnMwHhuENfosCHF_zYFzLKfQc=","user":"Automat Automat","user_id":null},{"fingerprint":"e5fa139659cf26ded975d784747cc108","forward_always":"","forward_busy":"","forward_no_answer":"","id":15,"level":10,"max_contacts":1,"number":214,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4b5tO38NI14Iwrm3g96pcY4zP4GSF-xaR7Y2Yjmf3fBV_sntPxJNEc3tWBnBOjdlQq0L8iWJLeKK_QKEjQQBjz9n8o0icq8_t4h6C4Yk6lpAQ=","user":"Automat Automat","user_id":null},{"fingerprint":"f83dbff63def5b252aeed0fa7a8321c8","forward_always":"","forward_busy":"","forward_no_answer":"","id":16,"level":10,"max_contacts":1,"number":215,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bkmHPaba5LHA5IVpLvnojLOXmfVqzHMhuIWzEz8yt6osl_4MgvqwkBA29uNJZHeenBGfgzUZ5uJe22IORerVNt_lx7RPdOWM7ceElnQVFyrE=","user":"Automat Automat","user_id":null},{"fingerprint":"f0e9e8dedbe76a9c3c3c97a0a5b570d8","forward_always":"","forward_busy":"","forward_no_answer":"","id":17,"level":10,"max_contacts":1,"number":216,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bmGvfKEzDA1p54E7Gpmr1h4vCuMMwaI42Cdn5OMiWNZREJk-e-dgTn5VMj3KthyZF_ceSalptE0PiKDS5obK8uIQru11E173beZwdOSUr3_U=","user":"Automat Automat","user_id":null},{"fingerprint":"792e6118eb021aaf1f7135df7d9f50fa","forward_always":"","forward_busy":"","forward_no_answer":"","id":18,"level":10,"max_contacts":1,"number":217,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bGG5uoKOscj-xJoFUhB33LDYq0Qh9MbjH7_UkCGbOBfCcu9Vd7kFDxz_I_dh2KzmJC-nmPJjxP2ks9vLbbpSOjoil1Yf6pHZHPTpDDYronKk=","user":"Automat Automat","user_id":null},{"fingerprint":"0a5382f2f1512d20b010a837270d581a","forward_always":"","forward_busy":"","forward_no_answer":"","id":19,"level":10,"max_contacts":1,"number":218,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bMYAQxlGr8ZhcqOfHxrbKg_n2zFjkqYmjTdt9qSPdJzpvZ14jhObchA8WeG7-9p2KDxajDWHUhFHm9WIbjtwtdSDwUhG__aJhaOW2BV0SIK0=","user":"Automat Automat","user_id":null},{"fingerprint":"b448f829379c8e1e01c01164f43f6aa0","forward_always":"","forward_busy":"","forward_no_answer":"","id":20,"level":10,"max_contacts":1,"number":219,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bbGE-PpFE9eedkWjXUBX2ed9jytowgd95Gn9YIgOeBiE1Tr66LjeWftcrGEEmpr5oYeoic1j7415ssBlqLCLsLSNYWPQVRT1YgPFx5rQvVfo=","user":"Automat Automat","user_id":null}],"inactive":[],"renderer_version":13,"routes":[],"settings":{"caller_name_outside":false,"codecs":["alaw","ulaw","g722"],"echo_test":"*43","emergency_numbers":["112","997","998","999"],"fallback_caller_id":"","phone_networks":[],"pickup":"*8","realm":"sipweb","ring_seconds":180,"srtp":"optional","withhold_prefix":"*67"},"trunks":[]}',NULL,'[{"name": "rendered", "ms": 4, "count": 20}, {"name": "written", "ms": 6, "count": 2}]',NULL,'[]','{"pjsip.conf": "f17529e6d210b78a7b950cfe7edd62083934e84c773266b85f9baefab8cbe83e", "extensions.conf": "4dbf5cffdb0b280e99f4b783dba27e68b8141e3cce7b8fb752d4a6c657bf9bf2"}');
INSERT INTO "generation" VALUES(2,'written','2026-11-27 11:48:44.121697','2026-11-27 11:48:44.128762','Administrator','cd6c7b259585832e','{"accounts":[{"fingerprint":"cdecaa420136c55527989b98296bac2f","forward_always":"","forward_busy":"","forward_no_answer":"","id":1,"level":10,"max_contacts":1,"number":200,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4b7t_Kv5UtQyyWy9oBC0z3DYmupBIVcRSh9eVKvglFX1aFi3Jarug4PnshO4txfyTE7WMxotA-k6QDHOX97Fx2RWXo7DSlCxmKcakDmJRjl0g=","user":"Automat Automat","user_id":null},{"fingerprint":"54b9ea244c7e665965b9cfd34a714934","forward_always":"","forward_busy":"","forward_no_answer":"","id":2,"level":55,"max_contacts":1,"number":201,"phone":"other","pickup_group":0,"recording":true,"secret":"gAAAAABrCW4cdW9L0gBX35M6nmieukA-FdlSUYh3q_4OwJU-iRjqWcozud9kiS_iCfxTRA7OeXhJX3S4TDCqY2JHl-8Ux_BDqnskprk_uxkCiSnpFO_9UBU=","user":"Anna Żółć","user_id":2},{"fingerprint":"bd09cfa0e7a76831ecae4f87e975f8b1","forward_always":"","forward_busy":"","forward_no_answer":"","id":3,"level":10,"max_contacts":3,"number":202,"phone":"other","pickup_group":5,"recording":false,"secret":"gAAAAABrCW4b2KQsqe-pkEujaKn4yJRgUb2WQvW5qL9p8E6oM9rvqQAYTJn5uXmZrGRgpLnJWZpedyGxiDHnUo4vqDgTEFdsJPC-YXuGykL4Ia6vvUpZipE=","user":"Automat Automat","user_id":null},{"fingerprint":"37bbf43cff49ce5ab86e85bd4a6126c8","forward_always":"","forward_busy":"","forward_no_answer":"","id":4,"level":10,"max_contacts":1,"number":203,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bRIbdJmylWW1mFucYCp-xeFoFeYrxzHJWi8SlsziT9ITE0RI2VLsO3zUN_gMfasL1WBD0iz-QI2V3r84CMOwyWtdnM0MuwZFV9ljSvjUV02Q=","user":"Automat Automat","user_id":null},{"fingerprint":"5f00f4452ab6ff32abba92fd5ee38564","forward_always":"","forward_busy":"","forward_no_answer":"","id":5,"level":10,"max_contacts":1,"number":204,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bWZTf-nHGYmp8dXjOlShbrbwvL2zCvtjUbdfWdcrW4cHZhLF6cCmdLEQAWftcHtg9Cv_qeYNaVl2SCrkfb7UxR0qFavHvmd0OxRI4BuBLuB0=","user":"Automat Automat","user_id":null},{"fingerprint":"85b75a62a1933b8999aa8f7b3c23a437","forward_always":"","forward_busy":"206","forward_no_answer":"207","id":6,"level":10,"max_contacts":1,"number":205,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4b8KGhoKWK6X0XATgZ5Kv__hKtlXv9V_tE0NTb-SxYFaA2-KctU4CewPD9O2Tx7R1KubooCfXGq0WuDNsfrYmmfK_wuWS4ARZZbPcrjg_7CJk=","user":"Automat Automat","user_id":null},{"fingerprint":"b07652038e002a8ef724b6247ae2fb63","forward_always":"","forward_busy":"","forward_no_answer":"","id":7,"level":10,"max_contacts":1,"number":206,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bfqrxWQWQJaDpHDY8yZWMpolIWMqKDdMSVBiKhzwjQ2pImzN-1fO3oEsp5ptmT79LA_TMqw2PmpAQCL0m0qAuzAVhcei0vuDegNZn3NLY9TA=","user":"Automat Automat","user_id":null},{"fingerprint":"f6169be2dcb5cef5d1e192f02b309531","forward_always":"","forward_busy":"","forward_no_answer":"","id":8,"level":10,"max_contacts":1,"number":207,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bBNnhqhwt8iG7hUj_8ywFqMPbY1RaI2YF7Ll-VVsMt5v4Q4M_YDwQCEm4noNdfmC45J15XC8p8gM-Tv7lPby8olAwwVPvnkUxlSLmPP6KJoM=","user":"Automat Automat","user_id":null},{"fingerprint":"2b7842b3b253f0eab196ac255a94002d","forward_always":"","forward_busy":"","forward_no_answer":"","id":9,"level":10,"max_contacts":1,"number":208,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bMEAecH15ASHU07ganYVJmtyNdwG4zLamO-l2dspp-2jeKvZkO_hS2A1lRalQwIw6c0Ok6J3X2rgr34OCAHKz2CqG9odaGMOLI1Dwko9Lq3Y=","user":"Automat Automat","user_id":null},{"fingerprint":"c25c18d29138640d29323f4ee80ebda6","forward_always":"","forward_busy":"","forward_no_answer":"","id":10,"level":10,"max_contacts":1,"number":209,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bvPPUw7dfdRzvTtFzM-r0geSBXx2CnV21D-BoIGYa_zMr5UqwARjUQaZsH3FX-REKDhPorGYJMIQpE4dVMmJeMZFmsgtz1Bfyfq3PhvgENi8=","user":"Automat Automat","user_id":null},{"fingerprint":"55060f04db006e1cc2d992b60aca0325","forward_always":"","forward_busy":"","forward_no_answer":"","id":11,"level":10,"max_contacts":1,"number":210,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bBCKTZKtYj2cRnWNbeFeb2FUJL65FOHy_zgEFViwZ-PfAQ6lgNf0tQBoiy_lYyppT0KFxyQRmkARLxTL2e2hwYEK7y5DY4YhHHTtohtSzUfY=","user":"Automat Automat","user_id":null},{"fingerprint":"df2627fc9b8453b87b50dd31d6941f91","forward_always":"","forward_busy":"","forward_no_answer":"","id":12,"level":10,"max_contacts":1,"number":211,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bsy_afsZVCD3UGWvQTR9WTF8rLt5YqZao6oEONdMh_2Pz5ZqlzejiySAs-jaqU1P22QITWhZcYDQ2HTkvVcAXH1eqxLIk-xQNum3yiUoBybg=","user":"Automat Automat","user_id":null},{"fingerprint":"64e9e13acfd2efc8ae107ef9a1bb43aa","forward_always":"","forward_busy":"","forward_no_answer":"","id":13,"level":10,"max_contacts":1,"number":212,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bCLbxI4XdK68X0nzaO9sXAvoGGPJ5-8jqr-ZMCie8OZqUHx1sTNgwJf7JrnlHX9PqYs_K10FZZPRKERs4X_xS6nlqT6otIvOP8s9CktaMAtg=","user":"Automat Automat","user_id":null},{"fingerprint":"9116557ae4c4ee02961984c21ba338bd","forward_always":"","forward_busy":"","forward_no_answer":"","id":14,"level":10,"max_contacts":1,"number":213,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bOgn4CNQicegSwDgCXbUFFb-mSybsJnZjmAE4eTJjunRDaPozP3XpNuRESbxGI0h3n96FzZ9t4_jIBnJnL_RnMwHhuENfosCHF_zYFzLKfQc=","user":"Automat Automat","user_id":null},{"fingerprint":"e5fa139659cf26ded975d784747cc108","forward_always":"","forward_busy":"","forward_no_answer":"","id":15,"level":10,"max_contacts":1,"number":214,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4b5tO38NI14Iwrm3g96pcY4zP4GSF-xaR7Y2Yjmf3fBV_sntPxJNEc3tWBnBOjdlQq0L8iWJLeKK_QKEjQQBjz9n8o0icq8_t4h6C4Yk6lpAQ=","user":"Automat Automat","user_id":null},{"fingerprint":"f83dbff63def5b252aeed0fa7a8321c8","forward_always":"","forward_busy":"","forward_no_answer":"","id":16,"level":10,"max_contacts":1,"number":215,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bkmHPaba5LHA5IVpLvnojLOXmfVqzHMhuIWzEz8yt6osl_4MgvqwkBA29uNJZHeenBGfgzUZ5uJe22IORerVNt_lx7RPdOWM7ceElnQVFyrE=","user":"Automat Automat","user_id":null},{"fingerprint":"f0e9e8dedbe76a9c3c3c97a0a5b570d8","forward_always":"","forward_busy":"","forward_no_answer":"","id":17,"level":10,"max_contacts":1,"number":216,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bmGvfKEzDA1p54E7Gpmr1h4vCuMMwaI42Cdn5OMiWNZREJk-e-dgTn5VMj3KthyZF_ceSalptE0PiKDS5obK8uIQru11E173beZwdOSUr3_U=","user":"Automat Automat","user_id":null},{"fingerprint":"792e6118eb021aaf1f7135df7d9f50fa","forward_always":"","forward_busy":"","forward_no_answer":"","id":18,"level":10,"max_contacts":1,"number":217,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bGG5uoKOscj-xJoFUhB33LDYq0Qh9MbjH7_UkCGbOBfCcu9Vd7kFDxz_I_dh2KzmJC-nmPJjxP2ks9vLbbpSOjoil1Yf6pHZHPTpDDYronKk=","user":"Automat Automat","user_id":null},{"fingerprint":"0a5382f2f1512d20b010a837270d581a","forward_always":"","forward_busy":"","forward_no_answer":"","id":19,"level":10,"max_contacts":1,"number":218,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bMYAQxlGr8ZhcqOfHxrbKg_n2zFjkqYmjTdt9qSPdJzpvZ14jhObchA8WeG7-9p2KDxajDWHUhFHm9WIbjtwtdSDwUhG__aJhaOW2BV0SIK0=","user":"Automat Automat","user_id":null}],"inactive":[{"id":20,"number":219}],"renderer_version":13,"routes":[{"emergency":false,"id":1,"level":10,"name":"Miejskie","pattern":"0[1-9].*","position":1,"prepend_digits":"+48","strip_digits":1,"trunk_id":1},{"emergency":true,"id":2,"level":0,"name":"Alarmowe","pattern":"112|99[789]","position":2,"prepend_digits":"","strip_digits":0,"trunk_id":2},{"emergency":false,"id":3,"level":80,"name":"Zagraniczne","pattern":"00.+","position":3,"prepend_digits":"+","strip_digits":2,"trunk_id":2}],"settings":{"caller_name_outside":false,"codecs":["alaw","ulaw","g722"],"echo_test":"*43","emergency_numbers":["112","997","998","999"],"fallback_caller_id":"","phone_networks":[],"pickup":"*8","realm":"sipweb","ring_seconds":180,"srtp":"optional","withhold_prefix":"*67"},"trunks":[{"caller_id":"+48221234567","dtmf_mode":"info","fingerprint":"903dcc3a33e4b243c13a7fb81b93a840","from_domain":"example.com","from_user":"centrum","host":"127.0.0.1","id":1,"name":"Zielony","port":5999,"realm":"","register":true,"secret":"gAAAAABrCW4cFKdFHE0lM-5shPP2Xvg2obo85jjKwpHtPO89bVNOf9yZTVJ-Eg2_a1PLbazpFI9_3TRP8NcvQ26YkuHk1AkTQg==","send_pai":true,"transport":"udp","username":"centrum"},{"caller_id":"","dtmf_mode":"auto","fingerprint":"","from_domain":"","from_user":"","host":"backup.example.com","id":2,"name":"Szary","port":5060,"realm":"","register":false,"secret":"","send_pai":false,"transport":"udp","username":""}]}',1,'[{"name": "rendered", "ms": 2, "count": 19}, {"name": "written", "ms": 2, "count": 2}]',NULL,'[]','{"pjsip.conf": "92110077e16e4fa2067563b10d955e4e266918ddd909e059b7046391862b922c", "extensions.conf": "18692fd82faa9b430ab6a6590b4ab3b2856bee08681c5382cc4b997e3fada0ef"}');
INSERT INTO "generation" VALUES(3,'written','2026-11-27 11:48:44.141452','2026-11-27 11:48:44.146195','Administrator','ce70d6b8e6a8993d','{"accounts":[{"fingerprint":"cdecaa420136c55527989b98296bac2f","forward_always":"","forward_busy":"","forward_no_answer":"","id":1,"level":10,"max_contacts":1,"number":200,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4b7t_Kv5UtQyyWy9oBC0z3DYmupBIVcRSh9eVKvglFX1aFi3Jarug4PnshO4txfyTE7WMxotA-k6QDHOX97Fx2RWXo7DSlCxmKcakDmJRjl0g=","user":"Automat Automat","user_id":null},{"fingerprint":"54b9ea244c7e665965b9cfd34a714934","forward_always":"","forward_busy":"","forward_no_answer":"","id":2,"level":55,"max_contacts":1,"number":201,"phone":"other","pickup_group":0,"recording":true,"secret":"gAAAAABrCW4cdW9L0gBX35M6nmieukA-FdlSUYh3q_4OwJU-iRjqWcozud9kiS_iCfxTRA7OeXhJX3S4TDCqY2JHl-8Ux_BDqnskprk_uxkCiSnpFO_9UBU=","user":"Anna Żółć","user_id":2},{"fingerprint":"bd09cfa0e7a76831ecae4f87e975f8b1","forward_always":"","forward_busy":"","forward_no_answer":"","id":3,"level":10,"max_contacts":3,"number":202,"phone":"other","pickup_group":5,"recording":false,"secret":"gAAAAABrCW4b2KQsqe-pkEujaKn4yJRgUb2WQvW5qL9p8E6oM9rvqQAYTJn5uXmZrGRgpLnJWZpedyGxiDHnUo4vqDgTEFdsJPC-YXuGykL4Ia6vvUpZipE=","user":"Automat Automat","user_id":null},{"fingerprint":"37bbf43cff49ce5ab86e85bd4a6126c8","forward_always":"","forward_busy":"","forward_no_answer":"","id":4,"level":33,"max_contacts":1,"number":203,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bRIbdJmylWW1mFucYCp-xeFoFeYrxzHJWi8SlsziT9ITE0RI2VLsO3zUN_gMfasL1WBD0iz-QI2V3r84CMOwyWtdnM0MuwZFV9ljSvjUV02Q=","user":"Automat Automat","user_id":null},{"fingerprint":"4e247715935e8d0fa3bf0eb41bd8bb0f","forward_always":"","forward_busy":"","forward_no_answer":"","id":5,"level":10,"max_contacts":1,"number":204,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4chVGFEZC3TQHGFA4kfhgIXRESqYe0mtGF-r0usM4CCOGsy9yspfL3WchkFZMnUFgoExW0bxx3y3X-fxNAfO_Y0SqiNmpp-aOIfbtTRPWqEz8=","user":"Automat Automat","user_id":null},{"fingerprint":"85b75a62a1933b8999aa8f7b3c23a437","forward_always":"","forward_busy":"206","forward_no_answer":"207","id":6,"level":10,"max_contacts":1,"number":205,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4b8KGhoKWK6X0XATgZ5Kv__hKtlXv9V_tE0NTb-SxYFaA2-KctU4CewPD9O2Tx7R1KubooCfXGq0WuDNsfrYmmfK_wuWS4ARZZbPcrjg_7CJk=","user":"Automat Automat","user_id":null},{"fingerprint":"b07652038e002a8ef724b6247ae2fb63","forward_always":"","forward_busy":"","forward_no_answer":"","id":7,"level":10,"max_contacts":1,"number":206,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bfqrxWQWQJaDpHDY8yZWMpolIWMqKDdMSVBiKhzwjQ2pImzN-1fO3oEsp5ptmT79LA_TMqw2PmpAQCL0m0qAuzAVhcei0vuDegNZn3NLY9TA=","user":"Automat Automat","user_id":null},{"fingerprint":"f6169be2dcb5cef5d1e192f02b309531","forward_always":"","forward_busy":"","forward_no_answer":"","id":8,"level":10,"max_contacts":1,"number":207,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bBNnhqhwt8iG7hUj_8ywFqMPbY1RaI2YF7Ll-VVsMt5v4Q4M_YDwQCEm4noNdfmC45J15XC8p8gM-Tv7lPby8olAwwVPvnkUxlSLmPP6KJoM=","user":"Automat Automat","user_id":null},{"fingerprint":"2b7842b3b253f0eab196ac255a94002d","forward_always":"","forward_busy":"","forward_no_answer":"","id":9,"level":10,"max_contacts":1,"number":208,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bMEAecH15ASHU07ganYVJmtyNdwG4zLamO-l2dspp-2jeKvZkO_hS2A1lRalQwIw6c0Ok6J3X2rgr34OCAHKz2CqG9odaGMOLI1Dwko9Lq3Y=","user":"Automat Automat","user_id":null},{"fingerprint":"c25c18d29138640d29323f4ee80ebda6","forward_always":"","forward_busy":"","forward_no_answer":"","id":10,"level":10,"max_contacts":1,"number":209,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bvPPUw7dfdRzvTtFzM-r0geSBXx2CnV21D-BoIGYa_zMr5UqwARjUQaZsH3FX-REKDhPorGYJMIQpE4dVMmJeMZFmsgtz1Bfyfq3PhvgENi8=","user":"Automat Automat","user_id":null},{"fingerprint":"55060f04db006e1cc2d992b60aca0325","forward_always":"","forward_busy":"","forward_no_answer":"","id":11,"level":10,"max_contacts":1,"number":210,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bBCKTZKtYj2cRnWNbeFeb2FUJL65FOHy_zgEFViwZ-PfAQ6lgNf0tQBoiy_lYyppT0KFxyQRmkARLxTL2e2hwYEK7y5DY4YhHHTtohtSzUfY=","user":"Automat Automat","user_id":null},{"fingerprint":"df2627fc9b8453b87b50dd31d6941f91","forward_always":"","forward_busy":"","forward_no_answer":"","id":12,"level":10,"max_contacts":1,"number":211,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bsy_afsZVCD3UGWvQTR9WTF8rLt5YqZao6oEONdMh_2Pz5ZqlzejiySAs-jaqU1P22QITWhZcYDQ2HTkvVcAXH1eqxLIk-xQNum3yiUoBybg=","user":"Automat Automat","user_id":null},{"fingerprint":"64e9e13acfd2efc8ae107ef9a1bb43aa","forward_always":"","forward_busy":"","forward_no_answer":"","id":13,"level":10,"max_contacts":1,"number":212,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bCLbxI4XdK68X0nzaO9sXAvoGGPJ5-8jqr-ZMCie8OZqUHx1sTNgwJf7JrnlHX9PqYs_K10FZZPRKERs4X_xS6nlqT6otIvOP8s9CktaMAtg=","user":"Automat Automat","user_id":null},{"fingerprint":"9116557ae4c4ee02961984c21ba338bd","forward_always":"","forward_busy":"","forward_no_answer":"","id":14,"level":10,"max_contacts":1,"number":213,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bOgn4CNQicegSwDgCXbUFFb-mSybsJnZjmAE4eTJjunRDaPozP3XpNuRESbxGI0h3n96FzZ9t4_jIBnJnL_RnMwHhuENfosCHF_zYFzLKfQc=","user":"Automat Automat","user_id":null},{"fingerprint":"e5fa139659cf26ded975d784747cc108","forward_always":"","forward_busy":"","forward_no_answer":"","id":15,"level":10,"max_contacts":1,"number":214,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4b5tO38NI14Iwrm3g96pcY4zP4GSF-xaR7Y2Yjmf3fBV_sntPxJNEc3tWBnBOjdlQq0L8iWJLeKK_QKEjQQBjz9n8o0icq8_t4h6C4Yk6lpAQ=","user":"Automat Automat","user_id":null},{"fingerprint":"f83dbff63def5b252aeed0fa7a8321c8","forward_always":"","forward_busy":"","forward_no_answer":"","id":16,"level":10,"max_contacts":1,"number":215,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bkmHPaba5LHA5IVpLvnojLOXmfVqzHMhuIWzEz8yt6osl_4MgvqwkBA29uNJZHeenBGfgzUZ5uJe22IORerVNt_lx7RPdOWM7ceElnQVFyrE=","user":"Automat Automat","user_id":null},{"fingerprint":"f0e9e8dedbe76a9c3c3c97a0a5b570d8","forward_always":"","forward_busy":"","forward_no_answer":"","id":17,"level":10,"max_contacts":1,"number":216,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bmGvfKEzDA1p54E7Gpmr1h4vCuMMwaI42Cdn5OMiWNZREJk-e-dgTn5VMj3KthyZF_ceSalptE0PiKDS5obK8uIQru11E173beZwdOSUr3_U=","user":"Automat Automat","user_id":null},{"fingerprint":"792e6118eb021aaf1f7135df7d9f50fa","forward_always":"","forward_busy":"","forward_no_answer":"","id":18,"level":10,"max_contacts":1,"number":217,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bGG5uoKOscj-xJoFUhB33LDYq0Qh9MbjH7_UkCGbOBfCcu9Vd7kFDxz_I_dh2KzmJC-nmPJjxP2ks9vLbbpSOjoil1Yf6pHZHPTpDDYronKk=","user":"Automat Automat","user_id":null},{"fingerprint":"0a5382f2f1512d20b010a837270d581a","forward_always":"","forward_busy":"","forward_no_answer":"","id":19,"level":10,"max_contacts":1,"number":218,"phone":"builtin","pickup_group":0,"recording":false,"secret":"gAAAAABrCW4bMYAQxlGr8ZhcqOfHxrbKg_n2zFjkqYmjTdt9qSPdJzpvZ14jhObchA8WeG7-9p2KDxajDWHUhFHm9WIbjtwtdSDwUhG__aJhaOW2BV0SIK0=","user":"Automat Automat","user_id":null}],"inactive":[{"id":20,"number":219}],"renderer_version":13,"routes":[{"emergency":false,"id":1,"level":10,"name":"Miejskie","pattern":"0[1-9].*","position":1,"prepend_digits":"+48","strip_digits":1,"trunk_id":1},{"emergency":true,"id":2,"level":0,"name":"Alarmowe","pattern":"112|99[789]","position":2,"prepend_digits":"","strip_digits":0,"trunk_id":2},{"emergency":false,"id":3,"level":80,"name":"Zagraniczne","pattern":"00.+","position":3,"prepend_digits":"+","strip_digits":2,"trunk_id":2}],"settings":{"caller_name_outside":false,"codecs":["alaw","ulaw","g722"],"echo_test":"*43","emergency_numbers":["112","997","998","999"],"fallback_caller_id":"","phone_networks":[],"pickup":"*8","realm":"sipweb","ring_seconds":180,"srtp":"optional","withhold_prefix":"*67"},"trunks":[{"caller_id":"+48221234567","dtmf_mode":"info","fingerprint":"903dcc3a33e4b243c13a7fb81b93a840","from_domain":"example.com","from_user":"centrum","host":"127.0.0.1","id":1,"name":"Zielony","port":5999,"realm":"","register":true,"secret":"gAAAAABrCW4cFKdFHE0lM-5shPP2Xvg2obo85jjKwpHtPO89bVNOf9yZTVJ-Eg2_a1PLbazpFI9_3TRP8NcvQ26YkuHk1AkTQg==","send_pai":true,"transport":"udp","username":"centrum"},{"caller_id":"","dtmf_mode":"auto","fingerprint":"","from_domain":"","from_user":"","host":"backup.example.com","id":2,"name":"Szary","port":5060,"realm":"","register":false,"secret":"","send_pai":false,"transport":"udp","username":""}]}',2,'[{"name": "rendered", "ms": 2, "count": 19}, {"name": "written", "ms": 1, "count": 2}]',NULL,'[]','{"pjsip.conf": "e33529679e43138f8ac2f467442838aca7d1266d6d3ad27c27b2cf2df5f7f0ab", "extensions.conf": "32ebd6fae867c94bc74505ecabfb6455f69c4935583da73b71a43eb088567513"}');
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
CREATE TABLE passkey (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	user_id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	rp_id VARCHAR(253) NOT NULL, 
	credential_id VARCHAR(1400) NOT NULL, 
	public_key TEXT NOT NULL, 
	sign_count BIGINT NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_used_at DATETIME, 
	CONSTRAINT fk_passkey_user_id_user FOREIGN KEY(user_id) REFERENCES user (id), 
	CONSTRAINT uq_passkey_credential_id UNIQUE (credential_id)
);
CREATE TABLE passkey_challenge (
	challenge VARCHAR(64) NOT NULL, 
	user_id INTEGER NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_passkey_challenge PRIMARY KEY (challenge), 
	CONSTRAINT fk_passkey_challenge_user_id_user FOREIGN KEY(user_id) REFERENCES user (id)
);
CREATE TABLE provisioned_phone (
	account_id INTEGER NOT NULL, 
	vendor VARCHAR(20) NOT NULL, 
	mac VARCHAR(12), 
	token_digest VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	allowed_address VARCHAR(64) NOT NULL, 
	first_fetched_at DATETIME, 
	last_fetched_at DATETIME, 
	user_agent VARCHAR(200) NOT NULL, 
	refused_address VARCHAR(64) NOT NULL, 
	refused_at DATETIME, 
	CONSTRAINT pk_provisioned_phone PRIMARY KEY (account_id), 
	CONSTRAINT ck_provisioned_phone_vendor CHECK (vendor IN ('yealink', 'grandstream', 'snom', 'fanvil', 'linphone')), 
	CONSTRAINT uq_provisioned_phone_mac UNIQUE (mac), 
	CONSTRAINT uq_provisioned_phone_token_digest UNIQUE (token_digest)
);
INSERT INTO "provisioned_phone" VALUES(3,'yealink','001565000001','48eea571ec85f87f4b0fe03495e25bc6d294bcdd2796220b03e011a75cb31f6b','2026-11-27 11:48:44.051070','',NULL,NULL,'','',NULL);
CREATE TABLE recovery_code (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_recovery_code PRIMARY KEY (id), 
	CONSTRAINT fk_recovery_code_user_id_user FOREIGN KEY(user_id) REFERENCES user (id)
);
INSERT INTO "recovery_code" VALUES(1,4,'912a29963e80f96bcbc0417c7432b6517a404c45135b5e271823ddf7c00bf5ed');
INSERT INTO "recovery_code" VALUES(2,4,'1aa440afa2c070119eda51ae9b666f3f08cd7dd5cbe9dad3989100e7e53b941e');
INSERT INTO "recovery_code" VALUES(3,4,'942da0ba0bd8e292efc2fba86fd52c832eee57691e79c642c052e4a75024ab0b');
INSERT INTO "recovery_code" VALUES(4,4,'1e9f653b4e3fced5134d6b96cf12769636076d9102ad6fcead205a6265906528');
INSERT INTO "recovery_code" VALUES(5,4,'842fa54ac8245915cd2ba11146b525ebfe33de1dfd3553de5be355fce8491693');
INSERT INTO "recovery_code" VALUES(6,4,'c12b855cd1b7f9f8fa6e1964badc81853d9f0a9f6622823bf42cf466274f7b88');
INSERT INTO "recovery_code" VALUES(7,4,'04f26a5cedf92f17ab4c5ced6b10d0fb71916958d4c458282285472c6558d432');
INSERT INTO "recovery_code" VALUES(8,4,'64bb8a435cc6f43f4a25a80100b18bbcf1b9cdc9bee9abef9e544c33106a8a21');
INSERT INTO "recovery_code" VALUES(9,4,'a7843dffb82a7e721c6e37a535ba2177a8f6c79753c8bd91ffa5e9679443e8ae');
INSERT INTO "recovery_code" VALUES(10,4,'e3e611ce51d030f908dc2f00079d731d76f6d86b7d7aa2edbfcfc215ff2a0093');
CREATE TABLE revision (
	id INTEGER NOT NULL, 
	value INTEGER NOT NULL, 
	CONSTRAINT pk_revision PRIMARY KEY (id)
);
INSERT INTO "revision" VALUES(1,44);
CREATE TABLE totp (
	user_id INTEGER NOT NULL, 
	secret TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	confirmed_at DATETIME, 
	last_used_at DATETIME, 
	last_step BIGINT NOT NULL, 
	CONSTRAINT pk_totp PRIMARY KEY (user_id), 
	CONSTRAINT fk_totp_user_id_user FOREIGN KEY(user_id) REFERENCES user (id)
);
INSERT INTO "totp" VALUES(4,'gAAAAABrCW4cHgiggCvFrXKgaqEVtjdqPjSlvBZ0zRl4j6e4Q8DMhQSRtoA-U9N8qlvH8M9OM4c7-iCYkd-gwOP1F2lt194HJld-fnxG4-WRBnz9re8LJSnDSMJ3epvZ6VD-ps3dDYAX','2026-11-27 11:48:44.088595','2026-11-27 11:48:44.092755',NULL,0);
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
INSERT INTO "trunk" VALUES(1,'Zielony','127.0.0.1',5999,'udp','centrum','+48221234567','',1,1,'gAAAAABrCW4cFKdFHE0lM-5shPP2Xvg2obo85jjKwpHtPO89bVNOf9yZTVJ-Eg2_a1PLbazpFI9_3TRP8NcvQ26YkuHk1AkTQg==','903dcc3a33e4b243c13a7fb81b93a840',1,30,'centrum','example.com',1,'info');
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
	CONSTRAINT ck_user_role CHECK (role IN ('agent', 'auditor', 'editor', 'administrator')), 
	CONSTRAINT ck_user_work_mode CHECK (work_mode IN ('automatic', 'manual')), 
	CONSTRAINT uq_user_login UNIQUE (login)
);
INSERT INTO "user" VALUES(1,'admin','Administrator','$argon2id$v=19$m=19456,t=2,p=1$YuWbtu++lo64JOGK7iP5Dw$0Y93pXzdo4ecg9FM0nPXncgBFSiD6m704/0S6k469Pw',0,'administrator',1,'automatic','builtin',NULL,0,1,1,NULL);
INSERT INTO "user" VALUES(2,'anna','Anna Żółć','$argon2id$v=19$m=19456,t=2,p=1$k+jQyfb53RUuWqd+il5bnA$AsLKDisyqy2MVsudiQzHkbwOf7q1m5wJ1Dk7KuVoLfQ',0,'agent',1,'automatic','builtin',NULL,0,1,24,NULL);
INSERT INTO "user" VALUES(3,'piotr','Piotr Lis','$argon2id$v=19$m=19456,t=2,p=1$hKVD2VeeQ9dFAVT1VI+vcg$N0/XLM3YWLZwYTv+Yg/CffRgs7zbquJOLd2Ax/H+O54',0,'agent',1,'automatic','builtin',NULL,0,1,25,NULL);
INSERT INTO "user" VALUES(4,'olga','Olga Nowak','$argon2id$v=19$m=19456,t=2,p=1$n06Hq4WiLoslYihth2bSWg$oDyHBx7zArznnNcqJHALlZMGclH1QRJdcCw9UO7tbpc',0,'editor',1,'automatic','builtin',NULL,1,1,37,NULL);
CREATE TABLE "web_session" (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	token_digest VARCHAR(64) NOT NULL, 
	session_epoch INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	last_used_at DATETIME NOT NULL, 
	ip_address VARCHAR(64) NOT NULL, 
	user_agent VARCHAR(200) NOT NULL, 
	confirmed_at DATETIME NOT NULL, 
	CONSTRAINT pk_web_session PRIMARY KEY (id), 
	CONSTRAINT uq_web_session_token_digest UNIQUE (token_digest), 
	CONSTRAINT fk_web_session_user_id_user FOREIGN KEY(user_id) REFERENCES user (id)
);
INSERT INTO "web_session" VALUES(1,1,'b2cfdec58c0cacaab23c2ad637c98e872b5a7ea73629ef570af8e55cf2f496bd',0,'2026-11-27 11:48:44.148885','2026-11-27 11:48:44.148885','192.0.2.1','Firefox','2026-11-27 11:48:44.148885');
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
CREATE INDEX ix_address_block_address ON address_block (address);
CREATE INDEX ix_address_block_ends_at ON address_block (ends_at);
CREATE INDEX ix_event_kind_id ON event (kind, id);
CREATE INDEX ix_passkey_user_id ON passkey (user_id);
CREATE INDEX ix_passkey_challenge_expires_at ON passkey_challenge (expires_at);
CREATE INDEX ix_recovery_code_user_id ON recovery_code (user_id);
CREATE INDEX ix_audit_subject_entry_id ON audit_subject (entry_id);
CREATE INDEX ix_audit_subject_account_id ON audit_subject (account_id);
CREATE INDEX ix_audit_subject_user_id ON audit_subject (user_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('lease',0);
INSERT INTO "sqlite_sequence" VALUES('outbound_route',3);
INSERT INTO "sqlite_sequence" VALUES('user',4);
INSERT INTO "sqlite_sequence" VALUES('audit',40);
INSERT INTO "sqlite_sequence" VALUES('account',20);
INSERT INTO "sqlite_sequence" VALUES('event',31);
INSERT INTO "sqlite_sequence" VALUES('trunk',2);
INSERT INTO "sqlite_sequence" VALUES('address_block',1);
INSERT INTO "sqlite_sequence" VALUES('call',1);
COMMIT;
