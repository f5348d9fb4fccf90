"""Signatures made with the openssl command, to check ours against; the key behind them is lost."""

# By openssl rsa -pubout -outform DER | base64, of a 1024 bit key as Postal makes it.
PUBLIC_DER = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDa9GmXQYwMkXWeusHnnVWdPzGCe1ivZEoFMuEmP3xf9F5Ot96IlMsYXswZR/rZ"
    "P6tqJko6a9dj0u7rmF/6oNW4FV5dFYppXkqYahhL9McbcIWEy14LSbpCeabnUHam+6pZZoianOrCT2MWgxfh3RTNRIr+Ikdpry+K"
    "RgfBiOquowIDAQAB"
)

# A certificate of the same key, valid in 2026.
CERTIFICATE = b"""-----BEGIN CERTIFICATE-----
MIIBrDCCARWgAwIBAgIBETANBgkqhkiG9w0BAQsFADAcMRowGAYDVQQDDBFzbnMu
YW1hem9uYXdzLmNvbTAeFw0yNjAxMDEwMDAwMDBaFw0yNzAxMDEwMDAwMDBaMBwx
GjAYBgNVBAMMEXNucy5hbWF6b25hd3MuY29tMIGfMA0GCSqGSIb3DQEBAQUAA4GN
ADCBiQKBgQDa9GmXQYwMkXWeusHnnVWdPzGCe1ivZEoFMuEmP3xf9F5Ot96IlMsY
XswZR/rZP6tqJko6a9dj0u7rmF/6oNW4FV5dFYppXkqYahhL9McbcIWEy14LSbpC
eabnUHam+6pZZoianOrCT2MWgxfh3RTNRIr+Ikdpry+KRgfBiOquowIDAQABMA0G
CSqGSIb3DQEBCwUAA4GBAArhZ2C4KmPIEtWhOnLIwfFmpRfgBfE549auuWFU/BRK
s6XDzopHqiefjEQfikum0g/Ew+Sq/tWtwJZAJTleC0BF3pf9nykrIpXFfucB5dF3
DZlVQuYgkRVaCiBrPFFRokQMKDJbk6yLBNLhmWHzXoQfJ6HTb90HOXdikHsGcfZU
-----END CERTIFICATE-----
"""

# By openssl dgst -sha1 (1), -sha256 (2), of the lines of a notification with subject, typed by hand.
NOTIFICATION = {
    "1": "v6eTmX9zsdf0FwKlF7SDdu1NAwAP8giSM5S9MpnImQumZPDJV4JcKFE+NM8I5IHHFVwtiCmx/SxAIEfqYz5o5sPhKMIODHnl5suf9OUHqc2/5f3usILYgCcgO71fck8cYy0FKJQBK7RwidvS4bv3TPp7TfXvDIIGrnSP+C5sr8I=",
    "2": "HnLuibhA3jX9sYDXoGRy5SGxX1NjqaGXVeqZreBYrE+TJh1nvEqDO1lHoUSYquDLq1A8CKDUPyKYVkTq8gCQv+RzhBGpvxwfiD5EhBCOLYTNFdhJKXPftIpoox+XLIKtkAqBxyduPcJrkRhGlIaRf/DOr9at8z97f+G7yfV+RVE=",
}

# The same of a subscription confirmation.
CONFIRMATION = {
    "1": "qNBFOVB7wF2/Vm7fh//ssGFXN98sHMTZ8GI/2OoK7vem3iWBBFUsZKCrzPlPwdC9mT061NlUxxB5KGQm8Tyv1IJqBrlvnACNQvBVegaQoG0SRMcbIFGbGA2PeS2u/sOCqpU+ZM4i04tArN24DOoi3nJXfknAdEfWFYBm7wIkkgY=",
    "2": "KvrAMiVa1ZziPrtNA8D3PPitbPMLjA+zEUudVq1uI4EQHAZWaoTQUlNshIpvpavaVW1tVqN0o7Ur22a4o8B4jg9oE/QoA0fs3KwPHaOmRAUy0M7lh4WK9ChTSS1v4PourNYcWH9LmmrHuaN4yf2wb9ICRkZOHh5byR657NnURaw=",
}

# The same of a request of Postal.
POSTAL_BODY = (
    b'{"event":"MessageSent","timestamp":1773480001.354368,"payload":{},"uuid":"58e8d7ee-2cd5-4db2-9af3-3f436105795a"}'
)
POSTAL = {
    "x-postal-signature": "fUmHB8BPIQFTeZvxz8FHN/W1hd0Fbef3wnIXalbGFvFu971StMqmXlIFMMMAvvPPIoprnK0PDi5umNy/C4+v1KCQafAkvrneTZMU1E6cP+K5cPskWjP1KYgfgF5UtN0e15XqvbCkvTe844s9+AdhiXZe8ZXeXIGeexEQjO2BY38=",
    "x-postal-signature-256": "a3IOrfctGa97sxGn9lm+Bsp+d2XBU/BvAyQ8hdsadqIZuWSnWGkuI35PKTylj9D2PxcokSyw+1+9WrOFeFNk5O2o9VJR26RGpWPvqUF9O097JXLKKGoOU9R+2QqjgWiZYQeK9Rr4rmnBhZ98p54FhDo8075TlU8l9YSMdwixIBw=",
}

# The same key as /.well-known/jwks.json shows it.
JWK_N = (
    "2vRpl0GMDJF1nrrB551VnT8xgntYr2RKBTLhJj98X_ReTrfeiJTLGF7MGUf62T-raiZKOmvXY9Lu65hf-"
    "qDVuBVeXRWKaV5KmGoYS_THG3CFhMteC0m6Qnmm51B2pvuqWWaImpzqwk9jFoMX4d0UzUSK_iJHaa8vikYHwYjqrqM"
)
