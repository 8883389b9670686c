//! Why a caller is not let in, for the operator's log. Callers learn nothing of it.

/// What is wrong with a request's proof of its sender, and what an operator can do. Nothing of the proof is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallerFault {
    /// No secret, or several.
    #[error(
        "it has not exactly one header X-Talaria-Key; if it is the tag's, set the tag to the shared secret"
    )]
    NoSecret,
    /// Another secret.
    #[error("its X-Talaria-Key is another; if it is the tag's, compare it with shared_secret")]
    WrongSecret,
    /// No signature, or several.
    #[error(
        "it has not exactly one each of the headers webhook-id, webhook-timestamp and webhook-signature; if it is the tag's, \
         set the tag to the signature"
    )]
    Unsigned,
    /// Headers that no signer writes.
    #[error(
        "its webhook-id or webhook-timestamp is malformed, or its webhook-signature holds no v1 signature or absurdly many"
    )]
    MalformedSignature,
    /// Signed too long ago, or for later.
    #[error(
        "its webhook-timestamp is more than five minutes away; if it is the tag's, look at this machine's clock"
    )]
    Untimely,
    /// Signed with another key, or something else was signed.
    #[error("its signature is wrong; if it is the tag's, compare the tag's key with hmac_key")]
    WrongSignature,
}

impl CallerFault {
    /// Which check it was, for searching logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoSecret => "no-secret",
            Self::WrongSecret => "secret",
            Self::Unsigned => "no-signature",
            Self::MalformedSignature => "signature-form",
            Self::Untimely => "time",
            Self::WrongSignature => "signature",
        }
    }
}
