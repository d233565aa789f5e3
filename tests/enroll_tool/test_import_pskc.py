#!/usr/bin/python3
"""garde import pskc on good and bad key containers (RFC 6030), plain and encrypted. The encryption here is Python's HMAC and PBKDF2 and
the openssl program's AES: somebody else's arithmetic."""

import base64
import hashlib
import hmac
import os
import pathlib
import re
import subprocess
import time
import unittest

from test_import import HEX, KEY, ImportTest

NAMESPACES = ('xmlns="urn:ietf:params:xml:ns:keyprov:pskc" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
              'xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" '
              'xmlns:pkcs5="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#"')
TOTP = "urn:ietf:params:xml:ns:keyprov:pskc:totp"
HOTP = "urn:ietf:params:xml:ns:keyprov:pskc:hotp"
AES, MAC_KEY = bytes(range(16)), bytes(range(100, 120))
RFC_6030 = {
    "figure 6": ("--key-file", "12345678901234567890123456789012", """
        <EncryptionKey><ds:KeyName>Pre-shared-key</ds:KeyName></EncryptionKey>
        <MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"><MACKey>
        <xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/><xenc:CipherData><xenc:CipherValue>
        ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX</xenc:CipherValue></xenc:CipherData></MACKey>
        </MACMethod>""", "AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv", "Su+NvtQfmvfJzF6bmQiJqoLRExc="),
    "figure 7": ("--passphrase-file", "qwerty", """
        <EncryptionKey><xenc11:DerivedKey><xenc11:KeyDerivationMethod
        Algorithm="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2"><pkcs5:PBKDF2-params><Salt>
        <Specified>Ej7/PEpyEpw=</Specified></Salt><IterationCount>1000</IterationCount><KeyLength>16</KeyLength><PRF/>
        </pkcs5:PBKDF2-params></xenc11:KeyDerivationMethod><xenc11:MasterKeyName>My Password 1</xenc11:MasterKeyName>
        </xenc11:DerivedKey></EncryptionKey>
        <MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"><MACKey>
        <xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/><xenc:CipherData><xenc:CipherValue>
        2GTTnLwM3I4e5IO5FkufoOEiOhNj91fhKRQBtBJYluUDsPOLTfUvoU2dStyOwYZx</xenc:CipherValue></xenc:CipherData></MACKey>
        </MACMethod>""", "oTvo+S22nsmS2Z/RtcoF8Hfh+jzMe0RkiafpoDpnoZTjPYZu6V+A4aEn032yCr4f", "LP6xMvjtypbfT9PdkJhBZ+D6O4w="),
}


def b64(value):
    return base64.b64encode(value).decode()


def value(name, content):
    return f"<{name}><PlainValue>{content}</PlainValue></{name}>"


def package(secret=None, algorithm=TOTP, serial="987", user="root", data="", parameters="", policy="", name="", rest=""):
    secret = value("Secret", b64(KEY)) if secret is None else secret
    device = f"<DeviceInfo><Manufacturer>oath.x</Manufacturer><SerialNo>{serial}</SerialNo></DeviceInfo>" if serial else ""
    owner = f"<UserId>{user}</UserId>" if user else ""
    parameters = parameters or '<ResponseFormat Length="6" Encoding="DECIMAL"/>'
    return (f'<KeyPackage>{device}<Key Id="k1" Algorithm="{algorithm}"><Issuer>I</Issuer>'
            f"<AlgorithmParameters>{parameters}</AlgorithmParameters>{name}<Data>{secret}{data}</Data>{owner}{policy}{rest}"
            "</Key></KeyPackage>\n")


def container(*packages, head="", before=""):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n{before}<KeyContainer Version="1.0" {NAMESPACES}>{head}\n' +
            "".join(packages) + "</KeyContainer>\n")


def aes(key, plain, iv=bytes(16)):
    padding = 16 - len(plain) % 16
    padded = plain + bytes(padding - 1) + bytes([padding])
    done = subprocess.run(["openssl", "enc", f"-aes-{8 * len(key)}-cbc", "-K", key.hex(), "-iv", iv.hex(), "-nopad"],
                          input=padded, capture_output=True, check=True)
    return iv + done.stdout


def cipher(key, plain):
    return (f'<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes{8 * len(key)}-cbc"/><xenc:CipherData>'
            f"<xenc:CipherValue>{b64(aes(key, plain))}</xenc:CipherValue></xenc:CipherData>")


def head(key=AES, mac="http://www.w3.org/2000/09/xmldsig#hmac-sha1", mac_key=MAC_KEY,
         name="<ds:KeyName>Pre-shared-key</ds:KeyName>"):
    inside = "" if mac_key is None else f"<MACKey>{cipher(key, mac_key)}</MACKey>"
    method = "" if mac is None else f'<MACMethod Algorithm="{mac}">{inside}</MACMethod>'
    return f"<EncryptionKey>{name}</EncryptionKey>{method}"


def locked(plain=KEY, key=AES, mac_key=MAC_KEY, digest="sha1", element="Secret", with_mac=True):
    mac = hmac.new(mac_key, aes(key, plain), digest).digest()
    told = f"<ValueMAC>{b64(mac)}</ValueMAC>" if with_mac else ""
    return f"<{element}><EncryptedValue>{cipher(key, plain)}</EncryptedValue>{told}</{element}>"


class Plain(ImportTest):
    def one(self, *packages, **more):
        (row,) = self.rows("pskc", container(*packages, **more))
        return row

    def test_every_field_is_read(self):
        step = int(time.time()) // 60 - 9
        row = self.one(package(parameters='<Suite>HMAC-SHA256</Suite><ResponseFormat Length="8" Encoding="DECIMAL"/>',
                               data=value("Time", step) + value("TimeInterval", 60) + value("TimeDrift", -4),
                               name="<FriendlyName>Mon &amp; jeton</FriendlyName>",
                               policy="<Policy><StartDate>2026-01-01T00:00:00+02:00</StartDate>"
                                      "<ExpiryDate>2035-12-31T00:00:00Z</ExpiryDate><KeyUsage>OTP</KeyUsage></Policy>"))
        self.assertEqual({name: row[name] for name in ("user", "label", "type", "algorithm", "digits", "period", "counter",
                                                       "offset_steps", "not_before", "not_after", "line", "item")},
                         {"user": "root", "label": "Mon & jeton", "type": "totp", "algorithm": "sha256", "digits": 8,
                          "period": 60, "counter": step + 1, "offset_steps": -4, "not_before": "2025-12-31T22:00:00Z",
                          "not_after": "2035-12-31T00:00:00Z", "line": 3, "item": 1})
        row = self.one(package(algorithm=HOTP, data=value("Counter", 42)))
        self.assertEqual((row["type"], row["counter"], row["period"], row["label"]), ("hotp", 42, None, "987"))

    def test_a_user_is_named_as_rfc_4514_has_it_or_bare_or_in_a_list_of_tokens(self):
        for name in ("UID=root,OU=Ward\\, B,O=Clinic", "uid=root", "UID=r\\6fot+CN=x", "root"):
            self.assertEqual(self.one(package(user=name))["user"], "root", name)
        self.assertEqual(self.judged("pskc", container(package(user=None))), [(3, "no_user_name")])
        tokens = self.file("# tokens\r\n\r\n987, root\r\n988,daemon\r\n", "tokens.csv")
        two = container(package(user=None), package(value("Secret", b64(KEY[::-1])), user=None, serial="988"))
        self.assertEqual([row["user"] for row in self.rows("pskc", two, "--map", tokens)], ["root", "daemon"])
        self.assertEqual(self.judged("pskc", container(package(user="x")), "--user", "root"), [(3, "would_enrol")])
        for bad in ("987\n", "987,root,x\n", "987,root\n987,bin\n", ",root\n", "987,\n", "9" * 70 + ",root\n", "9\0,root\n"):
            done = self.run_import("pskc", two, "--map", self.file(bad, "bad.csv"))
            self.assertEqual(done.returncode, 1, bad)
            self.assertIn("bad.csv:", done.stderr)
            self.assertNotIn("would be enrolled", done.stdout)

    def test_bad_packages_are_refused_and_the_others_go_on(self):
        good, ok = package(value("Secret", b64(KEY[::-1]))), (4, "would_enrol")
        policy = "<Policy><{0}>{1}</{0}></Policy>".format
        self.table("pskc", [(name, container(one, good), [(3, reason), ok]) for name, one, reason in (
            ("no key", "<KeyPackage></KeyPackage>\n", "no_secret"),
            ("no secret", package(""), "no_secret"),
            ("an empty secret", package(value("Secret", "")), "no_secret"),
            ("no Base64", package(value("Secret", "!!!!")), "bad_secret"),
            ("two secrets", package(value("Secret", b64(KEY)) * 2), "not_of_format"),
            ("two counters", package(algorithm=HOTP, data=value("Counter", 1) * 2), "not_of_format"),
            ("two keys", package() .replace("</KeyPackage>", '<Key Id="2"/></KeyPackage>'), "not_of_format"),
            ("another algorithm", package(algorithm="urn:ietf:params:xml:ns:keyprov:pskc:pin"), "type"),
            ("no algorithm", package(algorithm=""), "type"),
            ("another hash", package(parameters="<Suite>HMAC-MD5</Suite>"), "algorithm"),
            ("five digits", package(parameters='<ResponseFormat Length="5" Encoding="DECIMAL"/>'), "digits"),
            ("letters", package(parameters='<ResponseFormat Length="6" Encoding="ALPHANUMERIC"/>'), "digits"),
            ("a check digit", package(parameters='<ResponseFormat Length="6" Encoding="DECIMAL" CheckDigits="true"/>'),
             "digits"),
            ("a loose counter", package(algorithm=HOTP, data=value("Counter", "5x")), "counter"),
            ("a counter below zero", package(algorithm=HOTP, data=value("Counter", -5)), "counter"),
            ("a counter too large", package(algorithm=HOTP, data=value("Counter", 2**63)), "counter"),
            ("a time ahead", package(data=value("Time", int(time.time()))), "spent_ahead"),
            ("a long interval", package(data=value("TimeInterval", 121)), "period"),
            ("a far drift", package(data=value("TimeDrift", 121)), "offset"),
            ("a date that is none", package(policy=policy("ExpiryDate", "2026-02-30T00:00:00Z")), "dates"),
            ("a date without time", package(policy=policy("ExpiryDate", "2026-02-20")), "dates"),
            ("an end before the beginning", package(policy="<Policy><StartDate>2036-01-01T00:00:00Z</StartDate><ExpiryDate>"
                                                           "2035-01-01T00:00:00Z</ExpiryDate></Policy>"), "dates"),
            ("expired", package(policy=policy("ExpiryDate", "2020-01-01T00:00:00Z")), "expired"),
            ("of the next decade", package(policy=policy("StartDate", "2090-01-01T00:00:00Z")), "too_early"),
            ("a PIN in front", package(policy='<Policy><PINPolicy PINUsageMode="Prepend"/></Policy>'), "pin"),
            ("not for codes", package(policy=policy("KeyUsage", "Encrypt")), "type"),
            ("weak", package(value("Secret", b64(KEY[:10]))), "weak_secret"),
            ("too long", package(value("Secret", b64(b"k" * 129))), "secret_too_long"),
            ("a serial too long", package(serial="9" * 70), "bad_text"),
            ("C1 in the label", package(name="<FriendlyName>a&#x9b;2J</FriendlyName>"), "bad_text"),
            ("no such user", package(user="nobodyknows"), "unknown_user"),
            ("encrypted all at once", package(locked()), "locked"),
        )])

    def test_files_that_are_no_container_are_refused_as_a_whole_with_the_line(self):
        good = container(package())
        laughs = "".join(f'<!ENTITY l{i} "{f"&l{i-1};" * 10}">' for i in range(1, 12))
        secret = self.file(b"root:hash-of-root\n", "shadow")
        for name, content, said in (
                ("empty", "", "this is no well-formed XML"),
                ("cut", good[:len(good) // 2], ":3: this is no well-formed XML"),
                ("binary", bytes(range(256)), "this is no well-formed XML"),
                ("another document", "<html xmlns='urn:x'/>", "this is no key container"),
                ("without its namespace", "<KeyContainer/>", "this is no key container"),
                ("a lie about the encoding", good.replace("UTF-8", "UTF-16"), "this is no well-formed XML"),
                ("Latin-1 in UTF-8", good.replace("oath.x", "é").encode("latin-1"), "this is no well-formed XML"),
                ("a zero byte", good.replace("oath.x", "a\0b"), "this is no well-formed XML"),
                ("depth without an end", "<a>" * 100000, "this is no well-formed XML"),
                ("depth", container(package(rest="<a>" * 300 + "</a>" * 300)), "this is no well-formed XML"),
                ("entities that grow", container(package(user="&l11;"), before=f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'),
                 "document type"),
                ("a file of this system", container(package(user="&x;"),
                                                    before=f'<!DOCTYPE x [<!ENTITY x SYSTEM "{secret}">]>'), "document type"),
                ("a document type elsewhere", container(package(), before='<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'),
                 "document type")):
            with self.subTest(name):
                done = self.run_import("pskc", content)
                self.assertEqual((done.returncode, done.stdout), (1, ""), done)
                self.assertIn(said, done.stderr)
                self.assertNotIn("hash-of-root", done.stderr)
                self.assertClean(done)

    def test_no_file_but_the_named_one_is_opened_and_no_socket(self):
        path = self.file(container(package(), before='<!DOCTYPE x SYSTEM "file:///etc/hostname">'))
        trace = self.folder / "trace"
        done = subprocess.run(["strace", "-f", "-o", str(trace), "-e", "trace=open,openat,connect", str(fake_garde()),
                               "--config", str(self.conf), "import", "pskc", path, "--dry-run"], capture_output=True)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("hostname", trace.read_text())
        self.assertNotIn("AF_INET", trace.read_text())

    def test_encodings_that_xml_names_are_read(self):
        text = container(package(name="<FriendlyName>clé</FriendlyName>")).replace("UTF-8", "ISO-8859-1")
        self.assertEqual(self.rows("pskc", text.encode("latin-1"))[0]["label"], "clé")
        text = text.replace("ISO-8859-1", "UTF-16").replace("\n", "\r\n")
        self.assertEqual(self.rows("pskc", text.encode("utf-16"))[0]["label"], "clé")

    def test_a_huge_container_ends_somewhere(self):
        done = self.run_import("pskc", container("<!--" + "x" * 1000 + "-->\n") .replace("\n<!--", "\n" + "<!-- y -->" * 1700000))
        self.assertEqual(done.returncode, 1)
        self.assertIn("too large", done.stderr)


def fake_garde():
    import fake_admin
    return fake_admin.GARDE


class Encrypted(ImportTest):
    def setUp(self):
        super().setUp()
        self.key = self.file(AES.hex() + "\n", "key")

    def test_the_examples_of_rfc_6030_are_opened(self):
        for name, (option, key, lock, sealed, mac) in RFC_6030.items():
            with self.subTest(name):
                secret = ("<Secret><EncryptedValue><xenc:EncryptionMethod "
                          'Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/><xenc:CipherData><xenc:CipherValue>'
                          f"{sealed}</xenc:CipherValue></xenc:CipherData></EncryptedValue><ValueMAC>{mac}</ValueMAC></Secret>")
                text = container(package(secret, HOTP), head=lock.replace("\n", " "))
                self.assertEqual(self.judged("pskc", text, option, self.file(key + "\n", "k")), [(3, "would_enrol")])
                self.assertEqual(self.judged("pskc", text.replace(mac[:4], "AAAA"), option, self.file(key + "\n", "k")),
                                 [(3, "forged")])

    def test_keys_and_macs_of_every_size_are_known(self):
        for key, mac, digest in ((bytes(range(24)), "2001/04/xmldsig-more#hmac-sha256", "sha256"),
                                 (bytes(range(32)), "2001/04/xmldsig-more#hmac-sha512", "sha512"),
                                 (AES, "2000/09/xmldsig#hmac-sha1", "sha1")):
            text = container(package(locked(key=key, digest=digest)), head=head(key, "http://www.w3.org/" + mac))
            self.assertEqual(self.judged("pskc", text, "--key-file", self.file(key.hex(), "k")), [(3, "would_enrol")])
        alone = container(package(locked(mac_key=AES)), head=head(mac_key=None))
        self.assertEqual(self.judged("pskc", alone, "--key-file", self.key), [(3, "would_enrol")])

    def test_an_encrypted_counter_is_a_number_of_four_or_eight_bytes(self):
        for plain, expected in ((b"\0\0\0\x2a", 42), (b"\0\0\0\0\0\0\1\0", 256), (b"\0\0\x2a", None)):
            text = container(package(locked(), HOTP, data=locked(plain, element="Counter")), head=head())
            (row,) = self.rows("pskc", text, "--key-file", self.key)
            self.assertEqual((row["reason"], row.get("counter")), ("counter", None) if expected is None else (None, expected))

    def test_bad_locks_are_refused_package_by_package(self):
        good, ok = package(locked(KEY[::-1])), (4, "would_enrol")
        flipped = locked().replace("<xenc:CipherValue>A", "<xenc:CipherValue>B", 1)
        self.assertNotEqual(flipped, locked())
        self.table("pskc", [(name, container(package(one), good, head=head()), [(3, reason), ok]) for name, one, reason in (
            ("no MAC", locked(with_mac=False), "forged"),
            ("the MAC of another key", locked(mac_key=b"x" * 20), "forged"),
            ("a MAC of another hash", locked(digest="sha256"), "forged"),
            ("changed", flipped, "forged"),
            ("a cipher of another key", locked(key=bytes(32)), "locked"),
            ("another cipher", locked().replace("aes128-cbc", "tripledes-cbc"), "cipher"),
            ("no cipher", locked().replace("EncryptionMethod", "Method"), "cipher"),
            ("no Base64", locked().replace("<xenc:CipherValue>", "<xenc:CipherValue>*"), "cipher"),
            ("half a block", re.sub("<xenc:CipherValue>[^<]*", "<xenc:CipherValue>" + b64(bytes(24)), locked()), "forged"),
            ("plain as well", locked().replace("<EncryptedValue>", f"<PlainValue>{b64(KEY)}</PlainValue><EncryptedValue>"),
             "cipher"),
            ("a plain one, put in the place of a locked one", value("Secret", b64(KEY)), "forged"),
        )], "--key-file", self.key)

    def test_a_key_for_a_container_that_has_no_lock_is_refused(self):
        for option in ("--key-file", "--passphrase-file"):
            done = self.run_import("pskc", container(package()), option, self.key)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done)
            self.assertIn("is not encrypted", done.stderr)

    def test_padding_that_is_none_is_refused_although_its_mac_holds(self):
        sealed = aes(AES, KEY)
        broken = sealed[:-16] + bytes(16)
        mac = hmac.new(MAC_KEY, broken, "sha1").digest()
        secret = locked().replace(b64(sealed), b64(broken))
        secret = re.sub("<ValueMAC>[^<]*", "<ValueMAC>" + b64(mac), secret)
        self.assertEqual(self.judged("pskc", container(package(secret), head=head()), "--key-file", self.key),
                         [(3, "locked")])

    def test_another_key_opens_nothing(self):
        text = container(package(locked()), head=head())
        (row,) = self.judged("pskc", text, "--key-file", self.file("00" * 16, "k"))
        self.assertIn(row, [(3, "forged"), (3, "locked")])
        done = self.run_import("pskc", text, "--passphrase-file", self.key)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--key-file FILE", done.stderr)
        for bad in ("", "00", "zz" * 16, "00" * 17, "\0" * 32):
            done = self.run_import("pskc", text, "--key-file", self.file(bad, "k"))
            self.assertEqual((done.returncode, done.stdout), (1, ""), bad)

    def test_containers_locked_in_an_unknown_way_are_refused_as_a_whole(self):
        derived = ('<xenc11:DerivedKey><xenc11:KeyDerivationMethod Algorithm="http://x#{0}"><pkcs5:PBKDF2-params><Salt><Specified>'
                   '{1}</Specified></Salt><IterationCount>{2}</IterationCount><KeyLength>{3}</KeyLength><PRF{4}/>'
                   '</pkcs5:PBKDF2-params></xenc11:KeyDerivationMethod></xenc11:DerivedKey>').format
        passphrase = self.file("qwerty", "p")
        for name, lock in (("a certificate", head(name="<ds:X509Data/>")), ("a MAC of MD5", head(mac="http://x#hmac-md5")),
                           ("scrypt", head(name=derived("scrypt", "AAAA", 1000, 16, ""))),
                           ("no salt", head(name=derived("pbkdf2", "", 1000, 16, ""))),
                           ("a long salt", head(name=derived("pbkdf2", b64(bytes(65)), 1000, 16, ""))),
                           ("no rounds", head(name=derived("pbkdf2", "AAAA", 0, 16, ""))),
                           ("rounds for a day", head(name=derived("pbkdf2", "AAAA", 10**9, 16, ""))),
                           ("a short key", head(name=derived("pbkdf2", "AAAA", 1000, 8, ""))),
                           ("another PRF", head(name=derived("pbkdf2", "AAAA", 1000, 16, ' Algorithm="http://x#md5"')))):
            with self.subTest(name):
                done = self.run_import("pskc", container(package(locked()), head=lock), "--passphrase-file", passphrase)
                self.assertEqual((done.returncode, done.stdout), (1, ""), done)
                self.assertIn("in a way that garde does not know", done.stderr)

    def test_a_key_is_asked_for_when_no_file_has_it(self):
        path = self.file(container(package(locked()), head=head()))
        done = self.garde("import", "pskc", path, "--dry-run", input=AES.hex() + "\n")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("AES key in hexadecimal (not shown): ", done.stderr)
        self.assertNotIn(AES.hex(), done.stderr + done.stdout)
        self.assertEqual(self.garde("import", "pskc", path, "--dry-run").returncode, 1)


if __name__ == "__main__":
    unittest.main()
