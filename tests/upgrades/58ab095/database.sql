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
INSERT INTO "account" VALUES(1,200,NULL,'builtin',1,0,10,'gAAAAABrCO88e6iCwfVCP440YFPvjSO8VYKPXUEZdH_GtF5qHvTs_4Uoagepx4zisLI4KOsjlacI0wEQWgCFBQchx8w7M7Fdw9VHSYrWuc-p9c3t2tTbccY=','9d711cd9b19eb9369c003d9101503aba',1,2);
INSERT INTO "account" VALUES(2,201,2,'other',1,1,55,'gAAAAABrCO885iyrWOwKS5UOIz90v_N5B7R_pqYFKp3gPAr7BVZ2HQjB30JmHpMczkGdVIrLWY2STBvK6acjmNRpnsjbUU7vwww4H2C8OLW1N61sqjHnfig=','54b9ea244c7e665965b9cfd34a714934',2,26);
INSERT INTO "account" VALUES(3,202,NULL,'builtin',1,0,10,'gAAAAABrCO88RFGAxQHUvqx4ETO08SZdGmivXwyiFfPxCywLap8CSH-U2hRPqxDgwMaBbcjaZogquEV_F_1hrh-QANZY8Kvofqj2W89mgNQ1nqQebN7VRNM=','56b4a33ac6c43032650f8059fdef8c64',1,4);
INSERT INTO "account" VALUES(4,203,NULL,'builtin',1,0,33,'gAAAAABrCO88PY4jCOfqyVzyPa1mb5woCO1MTjcnQip0_q6dTDUJOitbwxjMeMOL8iZeLj5KmB4_OHcy2z3XWLYTYtIAQB3xxXsqAToU8Nbj-Z0yLatURwg=','25dc9d2d9a4c35bdcc021e22a5841d75',2,35);
INSERT INTO "account" VALUES(5,204,NULL,'builtin',1,0,10,'gAAAAABrCO88s4cPRePutfVeFL0xP_jLhAlRry2JEqUjl7eF79NqFez_RZm3jOmrEanz0BCTpSZ0xccISHoN7WPIAmW8eKutoiHkx0d12DX4kUVDraRnrpA=','de2a1fd627bbd2a4c6ddd6d6a2b0ee38',2,36);
INSERT INTO "account" VALUES(6,205,NULL,'builtin',1,0,10,'gAAAAABrCO88sVEqpcBhLfDKxg2V9yKCN5OYeHhKDiw63HWChxM0k69BBv1PtJNBrDdvnsQ4PFdgy0BbkLnth0KFrBHmbZieK6y-UY_G2_Og6jieS_Ubu7s=','2fa27ef1fbcb02bb8817ae6e21a61508',1,7);
INSERT INTO "account" VALUES(7,206,NULL,'builtin',1,0,10,'gAAAAABrCO88Fq9Zg4X8D9UAVFpZijN1tuHWDUHIbX4DRVfo1EoYnsQgyNhCaY3F8slZ13dksXvVgvLThH2S2NevPh4AN-UZkFsCAFPzcjbHDaKgHoy6-cM=','ffdbe59b07e6b5814405e37c8c3ed2b3',1,8);
INSERT INTO "account" VALUES(8,207,NULL,'builtin',1,0,10,'gAAAAABrCO88wWAo9LKTkOP3Z5BMYD6vp_jzViOrvxXU-RB3fRH4XFwsZMMUXvbA0LF_CufAMFKoVdY0xDzPa1oVL9DFz8teJYkSOkZdSbii63fL61nvDCM=','4def593fb205986a9b79613c5902b824',1,9);
INSERT INTO "account" VALUES(9,208,NULL,'builtin',1,0,10,'gAAAAABrCO88Zo-oKFwfoDtdoQ5fuLReTTSD0Jp5ZtOtjjPDgFTCY4YsJQ3bjUuNSpvnUja8mxj9-SJdHR6kL1lhID6UieKU-QYME5eY8qn0FCDNWGzFPVY=','116b0176df50eb01c66e3a950d9db004',1,10);
INSERT INTO "account" VALUES(10,209,NULL,'builtin',1,0,10,'gAAAAABrCO88hid3p-96a966ac0Zn6BBMrP0Z_QYzulPZCd1R3Z1kgbyW9s8ptKFHZLehr0GmrcMSYH1cKcS0UnZpTmWYavpOUDOQPaj8GP_njGTZzAgfGg=','1e33c920b6d5840272002a1efac0c467',1,11);
INSERT INTO "account" VALUES(11,210,NULL,'builtin',1,0,10,'gAAAAABrCO88OllbrLpo7ZVcCSW5FhOkHV8HE1iEJ-AlsHiXdKF3IGuCqoq2uxM_dL7Dmhf0Ew8h55YGch21P1FqajpXBxDKAo9l3RsT_FN7nlJq_YsYn6Q=','1dd6e75235701f38b5641526077054c9',1,12);
INSERT INTO "account" VALUES(12,211,NULL,'builtin',1,0,10,'gAAAAABrCO88fC3v1s14x6rVU4Ejz9aQ7RyAkbb9idB0SbSrOCD5Yn8tnG1kuBGgdSfOie4LBEHeAOJyeB8Re3sv2or7qH7ll5p50uGY0Qm6AGu9PFOtqgw=','2a43853effec583085171c2f523af8b1',1,13);
INSERT INTO "account" VALUES(13,212,NULL,'builtin',1,0,10,'gAAAAABrCO88nqKN7FeuUTABdmFxQLRJo8wnql7mJ1UjaZXWm98gegzSsRPsKJ58mVDmYaqj_YKku76EoEmuGdtTuydSBNpcxSE-wmHPH645_Ctngwo27kQ=','44c9f612b7e391fea7f1d4e04b1c8d31',1,14);
INSERT INTO "account" VALUES(14,213,NULL,'builtin',1,0,10,'gAAAAABrCO88G87YY2li87GqVFBUHjpmiXTkK8h5qg8f35Evj1CaUc68RoxgG-RjslXGa5qgSzJKTbKwH73IQctUhEa_wHkMnadm1NkjDRMXaU31u0lI8Sc=','558e55655386b239b2d88fd41af7d391',1,15);
INSERT INTO "account" VALUES(15,214,NULL,'builtin',1,0,10,'gAAAAABrCO88wMr89jEE0XtXW59JOJciZn1OUVttgmdBcmro-Mwanko5VKIxJ6PbEZ6EYUPxSUAvHIPMXCtveRY4Tg7c_ZmnGTT_0ZqVrAS8zoebqPF9iqA=','03273d0d21d72122e3113c49a3eb5dbf',1,16);
INSERT INTO "account" VALUES(16,215,NULL,'builtin',1,0,10,'gAAAAABrCO88BczxWkkrA1vEysqc7ysb3F93LA0kLCcz1IurRqp-a5cLNiXHKyDqbK4Q8hG1p8OZX0YSpjSS_a8X8JPE85WqnGrAm2GEFeTmwP7cTrt9OYg=','6d0934d8b6173b28cbd725874cff0ed0',1,17);
INSERT INTO "account" VALUES(17,216,NULL,'builtin',1,0,10,'gAAAAABrCO88wkDaVyMRA762QnoDgBNG2PO9_x5Nb6saRNbZr8YFkDIVfwwjfq_BKUfBv1RKpWirOMUbl4rR3sNjO-w1AIrTC_UXrleqIxqUYKOYr0_4dsE=','02cd2e75fb7c5a89c0cd3c807b0890c1',1,18);
INSERT INTO "account" VALUES(18,217,NULL,'builtin',1,0,10,'gAAAAABrCO88XPjzYWNdSOq_vyn7lUbTMOtPwEOMCNWk9bqGii4J3AVYT_9kL-3iwh0dgsMAkXRYDQtw1WrhV3inFmNAe2jKGLa_djMIX1RN2X3MwnS4Lh4=','bf18844c9917e0acf65b9f35cd5262f3',1,19);
INSERT INTO "account" VALUES(19,218,NULL,'builtin',1,0,10,'gAAAAABrCO88ujAgiqMYlQvU-BKNrN9X4Hh3oALbgVzTt1L9W_FJfvDYjaeoOey4APSdnJPM8VS4Ev_i1eVK8LtozpOEzEJXo2FOoG3mUfyjm_VRRn4B4Rs=','10ea958ff92d15611f1e2ff1660906d7',1,20);
INSERT INTO "account" VALUES(20,219,NULL,'builtin',0,0,10,'gAAAAABrCO88NH2Pc7NyZ-5FsRmBvQmUmUEuHTr_VmTV_Ex3dxlRV2cSP6UQ3_i1M0GZm8-sCsaWBV01Ct068SNcUH0X0YIJKdkbdQ4U4XMldECey6tehYY=','28b1485ada8bc87187e3019bf92d8e5d',2,27);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	"by" VARCHAR(80) NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	action VARCHAR(40) NOT NULL, 
	account_id INTEGER, 
	user_id INTEGER, 
	subject VARCHAR(80) NOT NULL, 
	changes JSON NOT NULL
);
INSERT INTO "audit" VALUES(1,'2026-11-27 02:47:24.550192','flask setup','terminal','user.add',NULL,1,'admin','{"role": [null, "administrator"]}');
INSERT INTO "audit" VALUES(2,'2026-11-27 02:47:24.556434','flask setup','terminal','account.add',1,NULL,'200','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(3,'2026-11-27 02:47:24.557642','flask setup','terminal','account.add',2,NULL,'201','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(4,'2026-11-27 02:47:24.558614','flask setup','terminal','account.add',3,NULL,'202','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(5,'2026-11-27 02:47:24.559506','flask setup','terminal','account.add',4,NULL,'203','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(6,'2026-11-27 02:47:24.560776','flask setup','terminal','account.add',5,NULL,'204','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(7,'2026-11-27 02:47:24.561532','flask setup','terminal','account.add',6,NULL,'205','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(8,'2026-11-27 02:47:24.562260','flask setup','terminal','account.add',7,NULL,'206','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(9,'2026-11-27 02:47:24.563049','flask setup','terminal','account.add',8,NULL,'207','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(10,'2026-11-27 02:47:24.564356','flask setup','terminal','account.add',9,NULL,'208','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(11,'2026-11-27 02:47:24.565182','flask setup','terminal','account.add',10,NULL,'209','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(12,'2026-11-27 02:47:24.565875','flask setup','terminal','account.add',11,NULL,'210','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(13,'2026-11-27 02:47:24.566640','flask setup','terminal','account.add',12,NULL,'211','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(14,'2026-11-27 02:47:24.567947','flask setup','terminal','account.add',13,NULL,'212','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(15,'2026-11-27 02:47:24.568775','flask setup','terminal','account.add',14,NULL,'213','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(16,'2026-11-27 02:47:24.569535','flask setup','terminal','account.add',15,NULL,'214','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(17,'2026-11-27 02:47:24.570714','flask setup','terminal','account.add',16,NULL,'215','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(18,'2026-11-27 02:47:24.571541','flask setup','terminal','account.add',17,NULL,'216','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(19,'2026-11-27 02:47:24.572786','flask setup','terminal','account.add',18,NULL,'217','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(20,'2026-11-27 02:47:24.573664','flask setup','terminal','account.add',19,NULL,'218','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(21,'2026-11-27 02:47:24.574566','flask setup','terminal','account.add',20,NULL,'219','{"user": [null, "Automat Automat"], "phone": [null, "builtin"], "active": [null, true], "recording": [null, false], "level": [null, 10]}');
INSERT INTO "audit" VALUES(22,'2026-11-27 02:47:24.601810','flask setup','terminal','generation.written',NULL,NULL,'1','{}');
INSERT INTO "audit" VALUES(23,'2026-11-27 02:47:24.662621','Administrator','192.0.2.1','user.add',NULL,2,'anna','{"role": [null, "agent"]}');
INSERT INTO "audit" VALUES(24,'2026-11-27 02:47:24.689303','Administrator','192.0.2.1','user.add',NULL,3,'piotr','{"role": [null, "agent"]}');
INSERT INTO "audit" VALUES(25,'2026-11-27 02:47:24.693985','Administrator','192.0.2.1','account.edit',2,NULL,'201','{"user": ["Automat Automat", "Anna \u017b\u00f3\u0142\u0107"], "phone": ["builtin", "other"], "recording": [false, true], "level": [10, 55], "secret": []}');
INSERT INTO "audit" VALUES(26,'2026-11-27 02:47:24.696237','Administrator','192.0.2.1','account.edit',20,NULL,'219','{"active": [true, false]}');
INSERT INTO "audit" VALUES(27,'2026-11-27 02:47:24.699531','Administrator','192.0.2.1','trunk.add',NULL,NULL,'Zielony','{"name": [null, "Zielony"], "host": [null, "127.0.0.1"], "port": [null, 5999], "transport": [null, "udp"], "user": [null, "centrum"], "caller": [null, "+48221234567"], "realm": [null, ""], "register": [null, true], "active": [null, true], "secret": []}');
INSERT INTO "audit" VALUES(28,'2026-11-27 02:47:24.700950','Administrator','192.0.2.1','trunk.add',NULL,NULL,'Szary','{"name": [null, "Szary"], "host": [null, "backup.example.com"], "port": [null, 5060], "transport": [null, "udp"], "user": [null, ""], "caller": [null, ""], "realm": [null, ""], "register": [null, false], "active": [null, true]}');
INSERT INTO "audit" VALUES(29,'2026-11-27 02:47:24.704192','Administrator','192.0.2.1','rule.add',NULL,NULL,'Miejskie','{"name": [null, "Miejskie"], "pattern": [null, "0[1-9].*"], "level": [null, 10], "trunk_id": [null, 1], "strip": [null, 1], "prepend": [null, "+48"], "emergency": [null, false], "active": [null, true], "position": [null, 1]}');
INSERT INTO "audit" VALUES(30,'2026-11-27 02:47:24.706809','Administrator','192.0.2.1','rule.add',NULL,NULL,'Alarmowe','{"name": [null, "Alarmowe"], "pattern": [null, "112|99[789]"], "level": [null, 0], "trunk_id": [null, 2], "strip": [null, 0], "prepend": [null, ""], "emergency": [null, true], "active": [null, true], "position": [null, 2]}');
INSERT INTO "audit" VALUES(31,'2026-11-27 02:47:24.708615','Administrator','192.0.2.1','rule.add',NULL,NULL,'Zagraniczne','{"name": [null, "Zagraniczne"], "pattern": [null, "00.+"], "level": [null, 80], "trunk_id": [null, 2], "strip": [null, 2], "prepend": [null, "+"], "emergency": [null, false], "active": [null, true], "position": [null, 3]}');
INSERT INTO "audit" VALUES(32,'2026-11-27 02:47:24.734828','Administrator','192.0.2.1','generation.written',NULL,NULL,'2','{}');
INSERT INTO "audit" VALUES(33,'2026-11-27 02:47:24.740127','Administrator','192.0.2.1','account.edit',4,NULL,'203','{"level": [10, 33]}');
INSERT INTO "audit" VALUES(34,'2026-11-27 02:47:24.742228','Administrator','192.0.2.1','account.secret',5,NULL,'204','{}');
INSERT INTO "audit" VALUES(35,'2026-11-27 02:47:24.784901','Administrator','192.0.2.1','generation.written',NULL,NULL,'3','{}');
CREATE TABLE generation (
	number INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	started DATETIME NOT NULL, 
	finished DATETIME, 
	"by" VARCHAR(80) NOT NULL, 
	digest VARCHAR(16) NOT NULL, 
	snapshot TEXT NOT NULL, 
	base INTEGER, 
	steps JSON NOT NULL, 
	message JSON, 
	differences JSON NOT NULL, 
	CONSTRAINT pk_generation PRIMARY KEY (number), 
	CONSTRAINT ck_generation_state CHECK (state IN ('running', 'written', 'verified', 'refused', 'interrupted'))
);
INSERT INTO "generation" VALUES(1,'written','2026-11-27 02:47:24.589130','2026-11-27 02:47:24.600615','flask setup','c9c1c5438eab4f18','{"accounts":[{"fingerprint":"9d711cd9b19eb9369c003d9101503aba","id":1,"level":10,"number":200,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88e6iCwfVCP440YFPvjSO8VYKPXUEZdH_GtF5qHvTs_4Uoagepx4zisLI4KOsjlacI0wEQWgCFBQchx8w7M7Fdw9VHSYrWuc-p9c3t2tTbccY=","user":"Automat Automat","user_id":null},{"fingerprint":"abac6018b51ab6e570077194007c8991","id":2,"level":10,"number":201,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88omVv45I_Um_4SZUK2vC1aSU8BJAGwoFnqbjLH9XCHUOmKdQB1zT8rYpBuvwjIqeA2pdG7VEJA5OVGQznj1cHlRusl7CO3O4IURxIz4EWn5w=","user":"Automat Automat","user_id":null},{"fingerprint":"56b4a33ac6c43032650f8059fdef8c64","id":3,"level":10,"number":202,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88RFGAxQHUvqx4ETO08SZdGmivXwyiFfPxCywLap8CSH-U2hRPqxDgwMaBbcjaZogquEV_F_1hrh-QANZY8Kvofqj2W89mgNQ1nqQebN7VRNM=","user":"Automat Automat","user_id":null},{"fingerprint":"25dc9d2d9a4c35bdcc021e22a5841d75","id":4,"level":10,"number":203,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88PY4jCOfqyVzyPa1mb5woCO1MTjcnQip0_q6dTDUJOitbwxjMeMOL8iZeLj5KmB4_OHcy2z3XWLYTYtIAQB3xxXsqAToU8Nbj-Z0yLatURwg=","user":"Automat Automat","user_id":null},{"fingerprint":"719accc627eb19f08df9fac7ded0b7c5","id":5,"level":10,"number":204,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88ffrtSTwhE87Y9hn9X76xvWYyC3-H2-EED8YxBnU3_OMBZXXAZdvadu-DrneWIdeaBu5g4sIG4xVKE25pSMAGJ4KPZC23Y8rmJSNj1Sz0dUw=","user":"Automat Automat","user_id":null},{"fingerprint":"2fa27ef1fbcb02bb8817ae6e21a61508","id":6,"level":10,"number":205,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88sVEqpcBhLfDKxg2V9yKCN5OYeHhKDiw63HWChxM0k69BBv1PtJNBrDdvnsQ4PFdgy0BbkLnth0KFrBHmbZieK6y-UY_G2_Og6jieS_Ubu7s=","user":"Automat Automat","user_id":null},{"fingerprint":"ffdbe59b07e6b5814405e37c8c3ed2b3","id":7,"level":10,"number":206,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88Fq9Zg4X8D9UAVFpZijN1tuHWDUHIbX4DRVfo1EoYnsQgyNhCaY3F8slZ13dksXvVgvLThH2S2NevPh4AN-UZkFsCAFPzcjbHDaKgHoy6-cM=","user":"Automat Automat","user_id":null},{"fingerprint":"4def593fb205986a9b79613c5902b824","id":8,"level":10,"number":207,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88wWAo9LKTkOP3Z5BMYD6vp_jzViOrvxXU-RB3fRH4XFwsZMMUXvbA0LF_CufAMFKoVdY0xDzPa1oVL9DFz8teJYkSOkZdSbii63fL61nvDCM=","user":"Automat Automat","user_id":null},{"fingerprint":"116b0176df50eb01c66e3a950d9db004","id":9,"level":10,"number":208,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88Zo-oKFwfoDtdoQ5fuLReTTSD0Jp5ZtOtjjPDgFTCY4YsJQ3bjUuNSpvnUja8mxj9-SJdHR6kL1lhID6UieKU-QYME5eY8qn0FCDNWGzFPVY=","user":"Automat Automat","user_id":null},{"fingerprint":"1e33c920b6d5840272002a1efac0c467","id":10,"level":10,"number":209,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88hid3p-96a966ac0Zn6BBMrP0Z_QYzulPZCd1R3Z1kgbyW9s8ptKFHZLehr0GmrcMSYH1cKcS0UnZpTmWYavpOUDOQPaj8GP_njGTZzAgfGg=","user":"Automat Automat","user_id":null},{"fingerprint":"1dd6e75235701f38b5641526077054c9","id":11,"level":10,"number":210,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88OllbrLpo7ZVcCSW5FhOkHV8HE1iEJ-AlsHiXdKF3IGuCqoq2uxM_dL7Dmhf0Ew8h55YGch21P1FqajpXBxDKAo9l3RsT_FN7nlJq_YsYn6Q=","user":"Automat Automat","user_id":null},{"fingerprint":"2a43853effec583085171c2f523af8b1","id":12,"level":10,"number":211,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88fC3v1s14x6rVU4Ejz9aQ7RyAkbb9idB0SbSrOCD5Yn8tnG1kuBGgdSfOie4LBEHeAOJyeB8Re3sv2or7qH7ll5p50uGY0Qm6AGu9PFOtqgw=","user":"Automat Automat","user_id":null},{"fingerprint":"44c9f612b7e391fea7f1d4e04b1c8d31","id":13,"level":10,"number":212,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88nqKN7FeuUTABdmFxQLRJo8wnql7mJ1UjaZXWm98gegzSsRPsKJ58mVDmYaqj_YKku76EoEmuGdtTuydSBNpcxSE-wmHPH645_Ctngwo27kQ=","user":"Automat Automat","user_id":null},{"fingerprint":"558e55655386b239b2d88fd41af7d391","id":14,"level":10,"number":213,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88G87YY2li87GqVFBUHjpmiXTkK8h5qg8f35Evj1CaUc68RoxgG-RjslXGa5qgSzJKTbKwH73IQctUhEa_wHkMnadm1NkjDRMXaU31u0lI8Sc=","user":"Automat Automat","user_id":null},{"fingerprint":"03273d0d21d72122e3113c49a3eb5dbf","id":15,"level":10,"number":214,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88wMr89jEE0XtXW59JOJciZn1OUVttgmdBcmro-Mwanko5VKIxJ6PbEZ6EYUPxSUAvHIPMXCtveRY4Tg7c_ZmnGTT_0ZqVrAS8zoebqPF9iqA=","user":"Automat Automat","user_id":null},{"fingerprint":"6d0934d8b6173b28cbd725874cff0ed0","id":16,"level":10,"number":215,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88BczxWkkrA1vEysqc7ysb3F93LA0kLCcz1IurRqp-a5cLNiXHKyDqbK4Q8hG1p8OZX0YSpjSS_a8X8JPE85WqnGrAm2GEFeTmwP7cTrt9OYg=","user":"Automat Automat","user_id":null},{"fingerprint":"02cd2e75fb7c5a89c0cd3c807b0890c1","id":17,"level":10,"number":216,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88wkDaVyMRA762QnoDgBNG2PO9_x5Nb6saRNbZr8YFkDIVfwwjfq_BKUfBv1RKpWirOMUbl4rR3sNjO-w1AIrTC_UXrleqIxqUYKOYr0_4dsE=","user":"Automat Automat","user_id":null},{"fingerprint":"bf18844c9917e0acf65b9f35cd5262f3","id":18,"level":10,"number":217,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88XPjzYWNdSOq_vyn7lUbTMOtPwEOMCNWk9bqGii4J3AVYT_9kL-3iwh0dgsMAkXRYDQtw1WrhV3inFmNAe2jKGLa_djMIX1RN2X3MwnS4Lh4=","user":"Automat Automat","user_id":null},{"fingerprint":"10ea958ff92d15611f1e2ff1660906d7","id":19,"level":10,"number":218,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88ujAgiqMYlQvU-BKNrN9X4Hh3oALbgVzTt1L9W_FJfvDYjaeoOey4APSdnJPM8VS4Ev_i1eVK8LtozpOEzEJXo2FOoG3mUfyjm_VRRn4B4Rs=","user":"Automat Automat","user_id":null},{"fingerprint":"28b1485ada8bc87187e3019bf92d8e5d","id":20,"level":10,"number":219,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88NH2Pc7NyZ-5FsRmBvQmUmUEuHTr_VmTV_Ex3dxlRV2cSP6UQ3_i1M0GZm8-sCsaWBV01Ct068SNcUH0X0YIJKdkbdQ4U4XMldECey6tehYY=","user":"Automat Automat","user_id":null}],"renderer":5,"rules":[],"settings":{"emergency":["112","997","998","999"],"realm":"sipweb"},"trunks":[]}',NULL,'[{"name": "rendered", "ms": 3, "count": 20}, {"name": "written", "ms": 6, "count": 2}]',NULL,'[]');
INSERT INTO "generation" VALUES(2,'written','2026-11-27 02:47:24.717748','2026-11-27 02:47:24.733903','Administrator','aaba14c05a79d389','{"accounts":[{"fingerprint":"9d711cd9b19eb9369c003d9101503aba","id":1,"level":10,"number":200,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88e6iCwfVCP440YFPvjSO8VYKPXUEZdH_GtF5qHvTs_4Uoagepx4zisLI4KOsjlacI0wEQWgCFBQchx8w7M7Fdw9VHSYrWuc-p9c3t2tTbccY=","user":"Automat Automat","user_id":null},{"fingerprint":"54b9ea244c7e665965b9cfd34a714934","id":2,"level":55,"number":201,"phone":"other","recording":true,"secret":"gAAAAABrCO885iyrWOwKS5UOIz90v_N5B7R_pqYFKp3gPAr7BVZ2HQjB30JmHpMczkGdVIrLWY2STBvK6acjmNRpnsjbUU7vwww4H2C8OLW1N61sqjHnfig=","user":"Anna Żółć","user_id":2},{"fingerprint":"56b4a33ac6c43032650f8059fdef8c64","id":3,"level":10,"number":202,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88RFGAxQHUvqx4ETO08SZdGmivXwyiFfPxCywLap8CSH-U2hRPqxDgwMaBbcjaZogquEV_F_1hrh-QANZY8Kvofqj2W89mgNQ1nqQebN7VRNM=","user":"Automat Automat","user_id":null},{"fingerprint":"25dc9d2d9a4c35bdcc021e22a5841d75","id":4,"level":10,"number":203,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88PY4jCOfqyVzyPa1mb5woCO1MTjcnQip0_q6dTDUJOitbwxjMeMOL8iZeLj5KmB4_OHcy2z3XWLYTYtIAQB3xxXsqAToU8Nbj-Z0yLatURwg=","user":"Automat Automat","user_id":null},{"fingerprint":"719accc627eb19f08df9fac7ded0b7c5","id":5,"level":10,"number":204,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88ffrtSTwhE87Y9hn9X76xvWYyC3-H2-EED8YxBnU3_OMBZXXAZdvadu-DrneWIdeaBu5g4sIG4xVKE25pSMAGJ4KPZC23Y8rmJSNj1Sz0dUw=","user":"Automat Automat","user_id":null},{"fingerprint":"2fa27ef1fbcb02bb8817ae6e21a61508","id":6,"level":10,"number":205,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88sVEqpcBhLfDKxg2V9yKCN5OYeHhKDiw63HWChxM0k69BBv1PtJNBrDdvnsQ4PFdgy0BbkLnth0KFrBHmbZieK6y-UY_G2_Og6jieS_Ubu7s=","user":"Automat Automat","user_id":null},{"fingerprint":"ffdbe59b07e6b5814405e37c8c3ed2b3","id":7,"level":10,"number":206,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88Fq9Zg4X8D9UAVFpZijN1tuHWDUHIbX4DRVfo1EoYnsQgyNhCaY3F8slZ13dksXvVgvLThH2S2NevPh4AN-UZkFsCAFPzcjbHDaKgHoy6-cM=","user":"Automat Automat","user_id":null},{"fingerprint":"4def593fb205986a9b79613c5902b824","id":8,"level":10,"number":207,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88wWAo9LKTkOP3Z5BMYD6vp_jzViOrvxXU-RB3fRH4XFwsZMMUXvbA0LF_CufAMFKoVdY0xDzPa1oVL9DFz8teJYkSOkZdSbii63fL61nvDCM=","user":"Automat Automat","user_id":null},{"fingerprint":"116b0176df50eb01c66e3a950d9db004","id":9,"level":10,"number":208,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88Zo-oKFwfoDtdoQ5fuLReTTSD0Jp5ZtOtjjPDgFTCY4YsJQ3bjUuNSpvnUja8mxj9-SJdHR6kL1lhID6UieKU-QYME5eY8qn0FCDNWGzFPVY=","user":"Automat Automat","user_id":null},{"fingerprint":"1e33c920b6d5840272002a1efac0c467","id":10,"level":10,"number":209,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88hid3p-96a966ac0Zn6BBMrP0Z_QYzulPZCd1R3Z1kgbyW9s8ptKFHZLehr0GmrcMSYH1cKcS0UnZpTmWYavpOUDOQPaj8GP_njGTZzAgfGg=","user":"Automat Automat","user_id":null},{"fingerprint":"1dd6e75235701f38b5641526077054c9","id":11,"level":10,"number":210,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88OllbrLpo7ZVcCSW5FhOkHV8HE1iEJ-AlsHiXdKF3IGuCqoq2uxM_dL7Dmhf0Ew8h55YGch21P1FqajpXBxDKAo9l3RsT_FN7nlJq_YsYn6Q=","user":"Automat Automat","user_id":null},{"fingerprint":"2a43853effec583085171c2f523af8b1","id":12,"level":10,"number":211,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88fC3v1s14x6rVU4Ejz9aQ7RyAkbb9idB0SbSrOCD5Yn8tnG1kuBGgdSfOie4LBEHeAOJyeB8Re3sv2or7qH7ll5p50uGY0Qm6AGu9PFOtqgw=","user":"Automat Automat","user_id":null},{"fingerprint":"44c9f612b7e391fea7f1d4e04b1c8d31","id":13,"level":10,"number":212,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88nqKN7FeuUTABdmFxQLRJo8wnql7mJ1UjaZXWm98gegzSsRPsKJ58mVDmYaqj_YKku76EoEmuGdtTuydSBNpcxSE-wmHPH645_Ctngwo27kQ=","user":"Automat Automat","user_id":null},{"fingerprint":"558e55655386b239b2d88fd41af7d391","id":14,"level":10,"number":213,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88G87YY2li87GqVFBUHjpmiXTkK8h5qg8f35Evj1CaUc68RoxgG-RjslXGa5qgSzJKTbKwH73IQctUhEa_wHkMnadm1NkjDRMXaU31u0lI8Sc=","user":"Automat Automat","user_id":null},{"fingerprint":"03273d0d21d72122e3113c49a3eb5dbf","id":15,"level":10,"number":214,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88wMr89jEE0XtXW59JOJciZn1OUVttgmdBcmro-Mwanko5VKIxJ6PbEZ6EYUPxSUAvHIPMXCtveRY4Tg7c_ZmnGTT_0ZqVrAS8zoebqPF9iqA=","user":"Automat Automat","user_id":null},{"fingerprint":"6d0934d8b6173b28cbd725874cff0ed0","id":16,"level":10,"number":215,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88BczxWkkrA1vEysqc7ysb3F93LA0kLCcz1IurRqp-a5cLNiXHKyDqbK4Q8hG1p8OZX0YSpjSS_a8X8JPE85WqnGrAm2GEFeTmwP7cTrt9OYg=","user":"Automat Automat","user_id":null},{"fingerprint":"02cd2e75fb7c5a89c0cd3c807b0890c1","id":17,"level":10,"number":216,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88wkDaVyMRA762QnoDgBNG2PO9_x5Nb6saRNbZr8YFkDIVfwwjfq_BKUfBv1RKpWirOMUbl4rR3sNjO-w1AIrTC_UXrleqIxqUYKOYr0_4dsE=","user":"Automat Automat","user_id":null},{"fingerprint":"bf18844c9917e0acf65b9f35cd5262f3","id":18,"level":10,"number":217,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88XPjzYWNdSOq_vyn7lUbTMOtPwEOMCNWk9bqGii4J3AVYT_9kL-3iwh0dgsMAkXRYDQtw1WrhV3inFmNAe2jKGLa_djMIX1RN2X3MwnS4Lh4=","user":"Automat Automat","user_id":null},{"fingerprint":"10ea958ff92d15611f1e2ff1660906d7","id":19,"level":10,"number":218,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88ujAgiqMYlQvU-BKNrN9X4Hh3oALbgVzTt1L9W_FJfvDYjaeoOey4APSdnJPM8VS4Ev_i1eVK8LtozpOEzEJXo2FOoG3mUfyjm_VRRn4B4Rs=","user":"Automat Automat","user_id":null}],"renderer":5,"rules":[{"emergency":false,"id":1,"level":10,"name":"Miejskie","pattern":"0[1-9].*","position":1,"prepend":"+48","strip":1,"trunk_id":1},{"emergency":true,"id":2,"level":0,"name":"Alarmowe","pattern":"112|99[789]","position":2,"prepend":"","strip":0,"trunk_id":2},{"emergency":false,"id":3,"level":80,"name":"Zagraniczne","pattern":"00.+","position":3,"prepend":"+","strip":2,"trunk_id":2}],"settings":{"emergency":["112","997","998","999"],"realm":"sipweb"},"trunks":[{"caller":"+48221234567","fingerprint":"903dcc3a33e4b243c13a7fb81b93a840","host":"127.0.0.1","id":1,"name":"Zielony","port":5999,"realm":"","register":true,"secret":"gAAAAABrCO88ujO2rkViHoBHRv9squRI4VAQbiN5ya1kC0EGFv568gCbvIOzREulXyUj4SaQf9GqjZ9fKT5VKFan0heIbYVKvA==","transport":"udp","user":"centrum"},{"caller":"","fingerprint":"","host":"backup.example.com","id":2,"name":"Szary","port":5060,"realm":"","register":false,"secret":"","transport":"udp","user":""}]}',1,'[{"name": "rendered", "ms": 3, "count": 19}, {"name": "written", "ms": 10, "count": 2}]',NULL,'[]');
INSERT INTO "generation" VALUES(3,'written','2026-11-27 02:47:24.750823','2026-11-27 02:47:24.784308','Administrator','e930d66d3d69dee2','{"accounts":[{"fingerprint":"9d711cd9b19eb9369c003d9101503aba","id":1,"level":10,"number":200,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88e6iCwfVCP440YFPvjSO8VYKPXUEZdH_GtF5qHvTs_4Uoagepx4zisLI4KOsjlacI0wEQWgCFBQchx8w7M7Fdw9VHSYrWuc-p9c3t2tTbccY=","user":"Automat Automat","user_id":null},{"fingerprint":"54b9ea244c7e665965b9cfd34a714934","id":2,"level":55,"number":201,"phone":"other","recording":true,"secret":"gAAAAABrCO885iyrWOwKS5UOIz90v_N5B7R_pqYFKp3gPAr7BVZ2HQjB30JmHpMczkGdVIrLWY2STBvK6acjmNRpnsjbUU7vwww4H2C8OLW1N61sqjHnfig=","user":"Anna Żółć","user_id":2},{"fingerprint":"56b4a33ac6c43032650f8059fdef8c64","id":3,"level":10,"number":202,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88RFGAxQHUvqx4ETO08SZdGmivXwyiFfPxCywLap8CSH-U2hRPqxDgwMaBbcjaZogquEV_F_1hrh-QANZY8Kvofqj2W89mgNQ1nqQebN7VRNM=","user":"Automat Automat","user_id":null},{"fingerprint":"25dc9d2d9a4c35bdcc021e22a5841d75","id":4,"level":33,"number":203,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88PY4jCOfqyVzyPa1mb5woCO1MTjcnQip0_q6dTDUJOitbwxjMeMOL8iZeLj5KmB4_OHcy2z3XWLYTYtIAQB3xxXsqAToU8Nbj-Z0yLatURwg=","user":"Automat Automat","user_id":null},{"fingerprint":"de2a1fd627bbd2a4c6ddd6d6a2b0ee38","id":5,"level":10,"number":204,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88s4cPRePutfVeFL0xP_jLhAlRry2JEqUjl7eF79NqFez_RZm3jOmrEanz0BCTpSZ0xccISHoN7WPIAmW8eKutoiHkx0d12DX4kUVDraRnrpA=","user":"Automat Automat","user_id":null},{"fingerprint":"2fa27ef1fbcb02bb8817ae6e21a61508","id":6,"level":10,"number":205,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88sVEqpcBhLfDKxg2V9yKCN5OYeHhKDiw63HWChxM0k69BBv1PtJNBrDdvnsQ4PFdgy0BbkLnth0KFrBHmbZieK6y-UY_G2_Og6jieS_Ubu7s=","user":"Automat Automat","user_id":null},{"fingerprint":"ffdbe59b07e6b5814405e37c8c3ed2b3","id":7,"level":10,"number":206,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88Fq9Zg4X8D9UAVFpZijN1tuHWDUHIbX4DRVfo1EoYnsQgyNhCaY3F8slZ13dksXvVgvLThH2S2NevPh4AN-UZkFsCAFPzcjbHDaKgHoy6-cM=","user":"Automat Automat","user_id":null},{"fingerprint":"4def593fb205986a9b79613c5902b824","id":8,"level":10,"number":207,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88wWAo9LKTkOP3Z5BMYD6vp_jzViOrvxXU-RB3fRH4XFwsZMMUXvbA0LF_CufAMFKoVdY0xDzPa1oVL9DFz8teJYkSOkZdSbii63fL61nvDCM=","user":"Automat Automat","user_id":null},{"fingerprint":"116b0176df50eb01c66e3a950d9db004","id":9,"level":10,"number":208,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88Zo-oKFwfoDtdoQ5fuLReTTSD0Jp5ZtOtjjPDgFTCY4YsJQ3bjUuNSpvnUja8mxj9-SJdHR6kL1lhID6UieKU-QYME5eY8qn0FCDNWGzFPVY=","user":"Automat Automat","user_id":null},{"fingerprint":"1e33c920b6d5840272002a1efac0c467","id":10,"level":10,"number":209,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88hid3p-96a966ac0Zn6BBMrP0Z_QYzulPZCd1R3Z1kgbyW9s8ptKFHZLehr0GmrcMSYH1cKcS0UnZpTmWYavpOUDOQPaj8GP_njGTZzAgfGg=","user":"Automat Automat","user_id":null},{"fingerprint":"1dd6e75235701f38b5641526077054c9","id":11,"level":10,"number":210,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88OllbrLpo7ZVcCSW5FhOkHV8HE1iEJ-AlsHiXdKF3IGuCqoq2uxM_dL7Dmhf0Ew8h55YGch21P1FqajpXBxDKAo9l3RsT_FN7nlJq_YsYn6Q=","user":"Automat Automat","user_id":null},{"fingerprint":"2a43853effec583085171c2f523af8b1","id":12,"level":10,"number":211,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88fC3v1s14x6rVU4Ejz9aQ7RyAkbb9idB0SbSrOCD5Yn8tnG1kuBGgdSfOie4LBEHeAOJyeB8Re3sv2or7qH7ll5p50uGY0Qm6AGu9PFOtqgw=","user":"Automat Automat","user_id":null},{"fingerprint":"44c9f612b7e391fea7f1d4e04b1c8d31","id":13,"level":10,"number":212,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88nqKN7FeuUTABdmFxQLRJo8wnql7mJ1UjaZXWm98gegzSsRPsKJ58mVDmYaqj_YKku76EoEmuGdtTuydSBNpcxSE-wmHPH645_Ctngwo27kQ=","user":"Automat Automat","user_id":null},{"fingerprint":"558e55655386b239b2d88fd41af7d391","id":14,"level":10,"number":213,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88G87YY2li87GqVFBUHjpmiXTkK8h5qg8f35Evj1CaUc68RoxgG-RjslXGa5qgSzJKTbKwH73IQctUhEa_wHkMnadm1NkjDRMXaU31u0lI8Sc=","user":"Automat Automat","user_id":null},{"fingerprint":"03273d0d21d72122e3113c49a3eb5dbf","id":15,"level":10,"number":214,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88wMr89jEE0XtXW59JOJciZn1OUVttgmdBcmro-Mwanko5VKIxJ6PbEZ6EYUPxSUAvHIPMXCtveRY4Tg7c_ZmnGTT_0ZqVrAS8zoebqPF9iqA=","user":"Automat Automat","user_id":null},{"fingerprint":"6d0934d8b6173b28cbd725874cff0ed0","id":16,"level":10,"number":215,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88BczxWkkrA1vEysqc7ysb3F93LA0kLCcz1IurRqp-a5cLNiXHKyDqbK4Q8hG1p8OZX0YSpjSS_a8X8JPE85WqnGrAm2GEFeTmwP7cTrt9OYg=","user":"Automat Automat","user_id":null},{"fingerprint":"02cd2e75fb7c5a89c0cd3c807b0890c1","id":17,"level":10,"number":216,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88wkDaVyMRA762QnoDgBNG2PO9_x5Nb6saRNbZr8YFkDIVfwwjfq_BKUfBv1RKpWirOMUbl4rR3sNjO-w1AIrTC_UXrleqIxqUYKOYr0_4dsE=","user":"Automat Automat","user_id":null},{"fingerprint":"bf18844c9917e0acf65b9f35cd5262f3","id":18,"level":10,"number":217,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88XPjzYWNdSOq_vyn7lUbTMOtPwEOMCNWk9bqGii4J3AVYT_9kL-3iwh0dgsMAkXRYDQtw1WrhV3inFmNAe2jKGLa_djMIX1RN2X3MwnS4Lh4=","user":"Automat Automat","user_id":null},{"fingerprint":"10ea958ff92d15611f1e2ff1660906d7","id":19,"level":10,"number":218,"phone":"builtin","recording":false,"secret":"gAAAAABrCO88ujAgiqMYlQvU-BKNrN9X4Hh3oALbgVzTt1L9W_FJfvDYjaeoOey4APSdnJPM8VS4Ev_i1eVK8LtozpOEzEJXo2FOoG3mUfyjm_VRRn4B4Rs=","user":"Automat Automat","user_id":null}],"renderer":5,"rules":[{"emergency":false,"id":1,"level":10,"name":"Miejskie","pattern":"0[1-9].*","position":1,"prepend":"+48","strip":1,"trunk_id":1},{"emergency":true,"id":2,"level":0,"name":"Alarmowe","pattern":"112|99[789]","position":2,"prepend":"","strip":0,"trunk_id":2},{"emergency":false,"id":3,"level":80,"name":"Zagraniczne","pattern":"00.+","position":3,"prepend":"+","strip":2,"trunk_id":2}],"settings":{"emergency":["112","997","998","999"],"realm":"sipweb"},"trunks":[{"caller":"+48221234567","fingerprint":"903dcc3a33e4b243c13a7fb81b93a840","host":"127.0.0.1","id":1,"name":"Zielony","port":5999,"realm":"","register":true,"secret":"gAAAAABrCO88ujO2rkViHoBHRv9squRI4VAQbiN5ya1kC0EGFv568gCbvIOzREulXyUj4SaQf9GqjZ9fKT5VKFan0heIbYVKvA==","transport":"udp","user":"centrum"},{"caller":"","fingerprint":"","host":"backup.example.com","id":2,"name":"Szary","port":5060,"realm":"","register":false,"secret":"","transport":"udp","user":""}]}',2,'[{"name": "rendered", "ms": 3, "count": 19}, {"name": "written", "ms": 29, "count": 2}]',NULL,'[]');
CREATE TABLE lease (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	token VARCHAR(64) NOT NULL, 
	epoch INTEGER NOT NULL, 
	since DATETIME NOT NULL, 
	seen DATETIME NOT NULL, 
	CONSTRAINT fk_lease_user_id_user FOREIGN KEY(user_id) REFERENCES user (id), 
	CONSTRAINT uq_lease_account_id UNIQUE (account_id), 
	CONSTRAINT uq_lease_token UNIQUE (token), 
	CONSTRAINT uq_lease_user_id UNIQUE (user_id)
);
CREATE TABLE revision (
	id INTEGER NOT NULL, 
	value INTEGER NOT NULL, 
	CONSTRAINT pk_revision PRIMARY KEY (id)
);
INSERT INTO "revision" VALUES(1,38);
CREATE TABLE rule (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	position INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	pattern VARCHAR(200) NOT NULL, 
	level INTEGER NOT NULL, 
	trunk_id INTEGER NOT NULL, 
	strip INTEGER NOT NULL, 
	prepend VARCHAR(32) NOT NULL, 
	emergency BOOLEAN NOT NULL, 
	active BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	CONSTRAINT ck_rule_level CHECK (level BETWEEN 0 AND 100), 
	CONSTRAINT ck_rule_strip CHECK (strip BETWEEN 0 AND 32), 
	CONSTRAINT fk_rule_trunk_id_trunk FOREIGN KEY(trunk_id) REFERENCES trunk (id)
);
INSERT INTO "rule" VALUES(1,1,'Miejskie','0[1-9].*',10,1,1,'+48',0,1,1,30);
INSERT INTO "rule" VALUES(2,2,'Alarmowe','112|99[789]',0,2,0,'',1,1,1,31);
INSERT INTO "rule" VALUES(3,3,'Zagraniczne','00.+',80,2,2,'+',0,1,1,32);
CREATE TABLE throttle (
	login VARCHAR(80) NOT NULL, 
	failures INTEGER NOT NULL, 
	locked_until DATETIME, 
	CONSTRAINT pk_throttle PRIMARY KEY (login)
);
CREATE TABLE trunk (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(80) NOT NULL, 
	host VARCHAR(255) NOT NULL, 
	port INTEGER NOT NULL, 
	transport VARCHAR(3) NOT NULL, 
	user VARCHAR(80) NOT NULL, 
	caller VARCHAR(32) NOT NULL, 
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
INSERT INTO "trunk" VALUES(1,'Zielony','127.0.0.1',5999,'udp','centrum','+48221234567','',1,1,'gAAAAABrCO88ujO2rkViHoBHRv9squRI4VAQbiN5ya1kC0EGFv568gCbvIOzREulXyUj4SaQf9GqjZ9fKT5VKFan0heIbYVKvA==','903dcc3a33e4b243c13a7fb81b93a840',1,28);
INSERT INTO "trunk" VALUES(2,'Szary','backup.example.com',5060,'udp','','','',0,1,'','',1,29);
CREATE TABLE user (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	login VARCHAR(80) NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	password_hash VARCHAR(200) NOT NULL, 
	must_change BOOLEAN NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	active BOOLEAN NOT NULL, 
	work_mode VARCHAR(20) NOT NULL, 
	external_phone VARCHAR(20) NOT NULL, 
	language VARCHAR(2), 
	epoch INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	CONSTRAINT ck_user_external_phone CHECK (external_phone IN ('builtin', 'other')), 
	CONSTRAINT ck_user_role CHECK (role IN ('administrator', 'agent')), 
	CONSTRAINT ck_user_work_mode CHECK (work_mode IN ('automatic', 'manual')), 
	CONSTRAINT uq_user_login UNIQUE (login)
);
INSERT INTO "user" VALUES(1,'admin','Administrator','$argon2id$v=19$m=19456,t=2,p=1$RTn5HlKcbrOMiq8bxNurOQ$qmw3k+OyflL1zNLL8vgOo2M5zHIcZoKcNhvbObLqCfA',0,'administrator',1,'automatic','builtin',NULL,0,1,1);
INSERT INTO "user" VALUES(2,'anna','Anna Żółć','$argon2id$v=19$m=19456,t=2,p=1$qV+wm54W2af0Y6esYnVBng$6/TxEXquiNh2txxsGFo2byot6YmvuPkJv6s2ggWQMls',0,'agent',1,'automatic','builtin',NULL,0,1,24);
INSERT INTO "user" VALUES(3,'piotr','Piotr Lis','$argon2id$v=19$m=19456,t=2,p=1$g9sBKtcJ05ZQZo65kNlMjQ$7yIBp4Y2NYgirCp7VKIVeLFZ6hV9L9bmv7TnPe56BiU',0,'agent',1,'automatic','builtin',NULL,0,1,25);
CREATE INDEX ix_audit_account_id ON audit (account_id);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_audit_user_id ON audit (user_id);
CREATE INDEX ix_generation_state ON generation (state);
CREATE INDEX ix_user_revision ON user (revision);
CREATE INDEX ix_account_user_id ON account (user_id);
CREATE INDEX ix_account_revision ON account (revision);
CREATE INDEX ix_trunk_revision ON trunk (revision);
CREATE INDEX ix_rule_revision ON rule (revision);
CREATE INDEX ix_rule_trunk_id ON rule (trunk_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('user',3);
INSERT INTO "sqlite_sequence" VALUES('audit',35);
INSERT INTO "sqlite_sequence" VALUES('account',20);
INSERT INTO "sqlite_sequence" VALUES('trunk',2);
INSERT INTO "sqlite_sequence" VALUES('rule',3);
COMMIT;
