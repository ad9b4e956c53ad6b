//! Keys in clear: how they are made, hashed and hinted at.

use std::fmt;

use rand::CryptoRng;
use sha2::{Digest, Sha256};

use crate::{error::ControlError, valid};

/// Fewer characters than this, and four of them would be too much of the secret to show.
const HINT_FROM: usize = 16;

/// A secret in clear: a secret key, or what a provider of models is told. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret. It is checked where it is used.
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The secret itself. Of a secret key: to be shown once to the person who will use it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last four characters, by which its owner can tell it from another; nothing for a
    /// secret so short that they would give much of it away.
    #[must_use]
    pub fn hint(&self) -> &str {
        if self.0.len() < HINT_FROM {
            return "";
        }
        // Keys are ASCII, so the cut is between characters; where one is not, there is no hint.
        self.0.get(self.0.len() - 4..).unwrap_or_default()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(****)")
    }
}

/// What is stored of a secret and looked up by: lower-case hex SHA-256.
///
/// A slow, salted hash (argon2, bcrypt) protects passwords, which can be guessed from a
/// dictionary. A generated secret has 256 random bits: there is nothing to guess, however fast
/// the hash, and without a salt one index lookup finds it. A chosen initial key can be weaker;
/// that is its operator's decision, and the database file is readable by its owner only.
///
/// Looking up by hash needs no constant-time comparison: what the index compares is the hash,
/// and how far it matched says nothing that helps to find a secret with a closer one.
pub(crate) fn secret_hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// A public key and its secret key, in clear: between being made and being shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPair {
    public: String,
    secret: Secret,
}

impl KeyPair {
    /// Makes a new pair: `pk-tk-` and 128 random bits in hex, `sk-tk-` and 256 in base 62.
    #[must_use]
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self {
            public: format!("pk-tk-{}", random_id(rng)),
            secret: Secret(format!("sk-tk-{}", base62(random(rng)))),
        }
    }

    /// Takes a chosen pair: each 8 to 200 visible ASCII characters, the two different, no colon
    /// in the public one.
    pub(crate) fn given(
        public: (&'static str, &str),
        secret: (&'static str, &Secret),
    ) -> Result<Self, ControlError> {
        let (public_field, public) = public;
        let (secret_field, secret) = secret;
        valid::check_public_key(public_field, public)?;
        valid::check_secret_key(secret_field, secret.expose())?;
        // The public key is no secret and may write; as its own secret it could also read.
        if public == secret.expose() {
            return Err(ControlError::Invalid {
                field: secret_field,
                problem: format!("is the same as {public_field}: choose another"),
            });
        }
        Ok(Self { public: public.to_owned(), secret: secret.clone() })
    }

    /// The public key, which may be seen by anyone.
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The secret key.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The id of this key. It is derived, so that an initial key given to several stores has the
    /// same id in each.
    pub(crate) fn id(&self) -> String {
        let digest: [u8; 32] = Sha256::digest(self.public.as_bytes()).into();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        grouped_hex(id)
    }
}

/// The random parts that a first start may need: two ids and a key pair.
#[derive(Clone, Debug)]
pub struct FreshKeys {
    pub(crate) org_id: String,
    pub(crate) project_id: String,
    pub(crate) pair: KeyPair,
}

impl FreshKeys {
    /// Draws them.
    #[must_use]
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self { org_id: random_id(rng), project_id: random_id(rng), pair: KeyPair::generate(rng) }
    }
}

pub(crate) fn random<const N: usize, R: CryptoRng + ?Sized>(rng: &mut R) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

pub(crate) fn random_id<R: CryptoRng + ?Sized>(rng: &mut R) -> String {
    grouped_hex(random(rng))
}

/// Hex in groups of 8-4-4-4-12 digits, as UUIDs are written.
fn grouped_hex(bytes: [u8; 16]) -> String {
    let hex = hex(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .copied()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

/// The number in base 62, 43 digits: 62^43 is just over 2^256, so every number has its own text.
fn base62(mut number: [u8; 32]) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = [b'0'; 43];
    for digit in text.iter_mut().rev() {
        // One long division of the big-endian number by 62; the remainder is the next digit.
        let mut remainder = 0_u16;
        for byte in &mut number {
            let dividend = (remainder << 8) | u16::from(*byte);
            // The remainder is below 62, so the quotient is below 256.
            *byte = (dividend / 62) as u8;
            remainder = dividend % 62;
        }
        *digit = DIGITS[usize::from(remainder)];
    }
    text.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests;
