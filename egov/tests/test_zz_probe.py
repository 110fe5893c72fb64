from egov import eds
from egov.eds import SignatureRefused
from egov.sandbox.ca import Authority
from egov.tests import hostile_keys
from egov.tests.eds_cast import DATA, NOW, PARENT, Pki, StillWorld
from egov.tests.hostile_cms import _flipped, corpus
from egov.tests.test_hostile_cms import verdict


def test_many(tmp_path, settings, monkeypatch):
    bad = []
    for n in range(60):
        hostile_keys._rsa.cache_clear()
        a = Authority(tmp_path / f"a{n}", now=lambda: NOW)
        pki = Pki(a, StillWorld(tmp_path / f"w{n}"))
        settings.EDS_CA_DIR = a.folder
        settings.OCSP_URL = "http://ocsp.test"
        settings.EDS_CRL_URLS = []
        monkeypatch.setattr("egov.http.call", pki.call)
        for name, one in (corpus(pki, DATA) if n % 6 == 0 else {}).items():
            said = verdict(one.cms)
            if said not in one.codes:
                bad.append((n, name, said))
        for name, cms, codes in _flipped(pki, DATA):
            try:
                said = verdict(cms)
            except Exception as e:
                said = repr(e)
            if said not in codes:
                bad.append((n, name, said))
        good = pki.sign()
        for position in range(0, len(good)):
            if position % 7 != n % 7:
                continue
            mutant = bytearray(good)
            mutant[position] ^= 0x41
            try:
                assert eds.verify(bytes(mutant), DATA, now=NOW).iin == PARENT.iin
            except SignatureRefused:
                pass
            except Exception as e:
                bad.append((n, "mutant", position, repr(e)))
    print("BAD", bad)
