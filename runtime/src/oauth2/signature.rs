//! Signatures of ID tokens: RSASSA-PKCS1-v1_5 with SHA-256, which JOSE calls RS256 (RFC 7518, section 3.3).
//!
//! Verified by the cryptography that rustls has for TLS, which costs no further dependency, or by the crate `rsa` with the
//! feature of that name.

use std::ops::RangeInclusive;

/// How many bits a key has: 2048 or more (RFC 7518, section 3.3). The upper bound limits the time that a signature takes.
const SIZES: RangeInclusive<usize> = 2048..=8192;

/// How many bytes an exponent has at most. Larger ones only cost time.
const LARGEST_EXPONENT: usize = 4;

/// A public key for RS256: modulus and exponent, big-endian and without leading zeros.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct VerifyingKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl VerifyingKey {
    /// Returns `None` for a key that no signature is accepted with.
    pub(super) fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let (modulus, exponent) = (number(modulus)?, number(exponent)?);
        let bits = modulus.len() * 8 - modulus.first()?.leading_zeros() as usize;
        let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        let is_usable = SIZES.contains(&bits)
            && is_odd(modulus)
            && is_odd(exponent)
            && exponent != [1]
            && exponent.len() <= LARGEST_EXPONENT;
        is_usable.then(|| Self { modulus: modulus.to_vec(), exponent: exponent.to_vec() })
    }

    /// Whether this key signed the message. Without cryptography no signature is accepted; [`is_available`] tells that
    /// before a login.
    pub(super) fn signed(&self, message: &str, signature: &[u8]) -> bool {
        by_rustls::signed(self, message, signature)
            .or_else(|| by_rsa::signed(self, message, signature))
            .unwrap_or_default()
    }
}

/// Whether signatures can be verified.
pub(super) fn is_available() -> bool {
    by_rustls::is_available() || cfg!(feature = "rsa")
}

/// A number without leading zeros. `None` is zero.
fn number(bytes: &[u8]) -> Option<&[u8]> {
    let first = bytes.iter().position(|&byte| byte != 0)?;
    bytes.get(first..)
}

#[cfg(all(feature = "__rustls", not(all(target_arch = "wasm32", target_os = "unknown"))))]
mod by_rustls {
    use rustls::pki_types::{SignatureVerificationAlgorithm, alg_id};

    use super::VerifyingKey;
    use crate::transport::crypto_provider;

    pub(super) fn is_available() -> bool {
        algorithm().is_some()
    }

    /// Returns `None` without cryptography for it.
    pub(super) fn signed(key: &VerifyingKey, message: &str, signature: &[u8]) -> Option<bool> {
        let key = public_key(key);
        Some(algorithm()?.verify_signature(&key, message.as_bytes(), signature).is_ok())
    }

    fn algorithm() -> Option<&'static dyn SignatureVerificationAlgorithm> {
        let known = crypto_provider()?.signature_verification_algorithms.all;
        known.iter().copied().find(|algorithm| {
            algorithm.public_key_alg_id() == alg_id::RSA_ENCRYPTION
                && algorithm.signature_alg_id() == alg_id::RSA_PKCS1_SHA256
        })
    }

    /// `RSAPublicKey` in DER: a sequence of two integers (RFC 8017, appendix A.1.1).
    pub(super) fn public_key(key: &VerifyingKey) -> Vec<u8> {
        const INTEGER: u8 = 0x02;
        const SEQUENCE: u8 = 0x30;
        let integer = |number: &[u8]| {
            // A leading zero, because integers have a sign.
            let sign: &[u8] = if number.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
            element(INTEGER, &[sign, number].concat())
        };
        element(SEQUENCE, &[integer(&key.modulus), integer(&key.exponent)].concat())
    }

    /// A tag, the length of the content and the content.
    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len().to_be_bytes();
        let length = super::number(&length).unwrap_or(&[0]);
        // From 128 on, the length of the length comes first.
        let long = if content.len() < 0x80 { None } else { Some(0x80 | length.len() as u8) };
        [&[tag], long.as_slice(), length, content].concat()
    }
}

#[cfg(not(all(feature = "__rustls", not(all(target_arch = "wasm32", target_os = "unknown")))))]
mod by_rustls {
    use super::VerifyingKey;

    pub(super) fn is_available() -> bool {
        false
    }

    pub(super) fn signed(_: &VerifyingKey, _: &str, _: &[u8]) -> Option<bool> {
        None
    }
}

#[cfg(feature = "rsa")]
mod by_rsa {
    use rsa::sha2::{Digest, Sha256};
    use rsa::{BoxedUint, Pkcs1v15Sign, PublicKey};

    use super::{SIZES, VerifyingKey};

    pub(super) fn signed(key: &VerifyingKey, message: &str, signature: &[u8]) -> Option<bool> {
        let number = BoxedUint::from_be_slice_vartime;
        let key = PublicKey::new_with_size_limits(number(&key.modulus), number(&key.exponent), SIZES);
        let hash = Sha256::digest(message);
        Some(key.is_ok_and(|key| key.verify(Pkcs1v15Sign::new::<Sha256>(), &hash, signature).is_ok()))
    }
}

#[cfg(not(feature = "rsa"))]
mod by_rsa {
    use super::VerifyingKey;

    pub(super) fn signed(_: &VerifyingKey, _: &str, _: &[u8]) -> Option<bool> {
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    // The example of RFC 7515, appendix A.2.
    const MESSAGE: &str = "eyJhbGciOiJSUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5juj\
        Gbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383Lc\
        OLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igc\
        N_IoypGlUPQGe77Rw";
    const MODULUS: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4Ql\
        L-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WT\
        BEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW\
        9gb54h4FRWyuXpoQ";
    const EXPONENT: &[u8] = &[1, 0, 1];

    fn decode(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    type Signed = fn(&VerifyingKey, &str, &[u8]) -> Option<bool>;

    /// Each backend of the enabled features.
    fn backends() -> Vec<Signed> {
        let all: [(bool, Signed); 2] =
            [(by_rustls::is_available(), by_rustls::signed), (cfg!(feature = "rsa"), by_rsa::signed)];
        all.into_iter().filter(|(is_available, _)| *is_available).map(|(_, signed)| signed).collect()
    }

    #[test]
    fn each_backend_accepts_what_the_key_signed() {
        let key = VerifyingKey::new(&decode(MODULUS), EXPONENT).unwrap();
        let signature = decode(SIGNATURE);
        assert_eq!(backends().is_empty(), !is_available());
        for signed in backends() {
            assert_eq!(signed(&key, MESSAGE, &signature), Some(true));
            assert_eq!(signed(&key, &MESSAGE[1..], &signature), Some(false));
            let with_zero = VerifyingKey::new(&[&[0], &*decode(MODULUS)].concat(), &[0, 1, 0, 1]).unwrap();
            assert_eq!(signed(&with_zero, MESSAGE, &signature), Some(true));
            let other = VerifyingKey::new(&decode(MODULUS), &[3]).unwrap();
            assert_eq!(signed(&other, MESSAGE, &signature), Some(false));
            for at in [0, 100, 255] {
                let mut changed = signature.clone();
                changed[at] ^= 1;
                assert_eq!(signed(&key, MESSAGE, &changed), Some(false), "{at}");
            }
            for odd in [&signature[..255], &[&[0], &*signature].concat(), &[0; 256], &[0xff; 256], &[]] {
                assert_eq!(signed(&key, MESSAGE, odd), Some(false));
            }
        }
    }

    #[test]
    fn keys_of_other_sizes_are_none() {
        let modulus = |bits: usize| vec![0xff; bits / 8];
        for bits in [2048, 4096, 8192] {
            assert!(VerifyingKey::new(&modulus(bits), EXPONENT).is_some(), "{bits}");
        }
        let even = [&modulus(2048)[1..], &[0xfe]].concat();
        let short = [&[0x7f], &modulus(2040)[..]].concat();
        for modulus in [&modulus(2040), &modulus(8200), &even, &short, &vec![0; 256], &Vec::new()] {
            assert_eq!(VerifyingKey::new(modulus, EXPONENT), None);
        }
        for exponent in [&[0][..], &[1], &[2], &[1, 0, 0, 0, 1], &[]] {
            assert_eq!(VerifyingKey::new(&modulus(2048), exponent), None, "{exponent:?}");
        }
    }

    #[cfg(feature = "__rustls")]
    #[test]
    fn long_numbers_have_the_length_of_their_length() {
        let key = VerifyingKey { modulus: vec![0xff; 1024], exponent: vec![3] };
        let der = by_rustls::public_key(&key);
        assert_eq!(der[..9], [0x30, 0x82, 0x04, 0x08, 0x02, 0x82, 0x04, 0x01, 0x00]);
        assert_eq!(der[der.len() - 3..], [0x02, 0x01, 0x03]);
        assert_eq!(der.len(), 4 + 0x408);
        let key = VerifyingKey { modulus: vec![0x7f; 200], exponent: vec![3] };
        assert_eq!(by_rustls::public_key(&key)[..6], [0x30, 0x81, 0xce, 0x02, 0x81, 0xc8]);
    }
}
