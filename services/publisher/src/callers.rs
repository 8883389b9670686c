//! Who may publish.

use std::net::SocketAddr;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use subtle::ConstantTimeEq;
use web::{Hosts, Problem, TRUSTED_NETWORK_WAY};

use crate::settings::{Callers, PublisherSettings, Secret};

const KEY_HEADER: &str = "x-talaria-key";
const SHORTEST_SECRET: usize = 16;

/// Decides whether a request's sender may publish.
#[derive(Clone, Debug)]
pub enum CallerCheck {
    /// Anybody on this machine.
    Anybody,
    /// Whatever reaches the address.
    TrustedNetwork,
    /// Who sends one of these.
    SharedSecret(Vec<Secret>),
}

/// Why the publisher refuses to start with these callers.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallerSetupError {
    /// The address can be reached from elsewhere and callers prove nothing.
    #[error(
        "publisher.callers is none and the publisher would listen on {0}, which others can reach: set \
         publisher.callers to shared-secret (and publisher.shared_secret), listen on 127.0.0.1, or set publisher.callers to \
         {TRUSTED_NETWORK_WAY}"
    )]
    OpenToOthers(SocketAddr),
    /// `shared-secret` without one.
    #[error(
        "publisher.callers is shared-secret and there is none: set TALARIA_PUBLISHER__SHARED_SECRET, for example to \
         the output of openssl rand -hex 32"
    )]
    NoSecret,
    /// A secret that could be guessed.
    #[error(
        "publisher.shared_secret has fewer than {SHORTEST_SECRET} characters: use openssl rand -hex 32"
    )]
    WeakSecret,
}

impl CallerCheck {
    /// The check that the settings name, for a publisher that listens on `address`.
    pub fn from_settings(
        settings: &PublisherSettings,
        address: SocketAddr,
    ) -> Result<Self, CallerSetupError> {
        match settings.callers {
            Callers::None if address.ip().is_loopback() => Ok(Self::Anybody),
            Callers::None => Err(CallerSetupError::OpenToOthers(address)),
            Callers::TrustedNetwork => Ok(Self::TrustedNetwork),
            Callers::SharedSecret => {
                let current = settings
                    .shared_secret
                    .clone()
                    .ok_or(CallerSetupError::NoSecret)?;
                let secrets: Vec<Secret> = std::iter::once(current)
                    .chain(settings.shared_secret_previous.clone())
                    .collect();
                if secrets
                    .iter()
                    .any(|secret| secret.expose().len() < SHORTEST_SECRET)
                {
                    return Err(CallerSetupError::WeakSecret);
                }
                Ok(Self::SharedSecret(secrets))
            }
        }
    }

    /// Under which names the publisher answers. A browser on this machine could be led here by another site's page.
    pub(crate) fn hosts(&self) -> Hosts {
        match self {
            Self::Anybody => Hosts::LoopbackNames,
            Self::TrustedNetwork | Self::SharedSecret(_) => Hosts::Any,
        }
    }

    /// Refuses with 401 who may not publish. Needs only the head of the request, so a flood of strangers costs no
    /// reading.
    pub fn check(&self, request: &HttpRequest) -> Result<(), Problem> {
        let Self::SharedSecret(secrets) = self else {
            return Ok(());
        };
        let sent = request
            .headers()
            .get(KEY_HEADER)
            .map_or(&b""[..], |value| value.as_bytes());
        // Every secret is compared, and each in constant time, so that the time taken tells nothing.
        let known = secrets
            .iter()
            .fold(subtle::Choice::from(0), |known, secret| {
                known | sent.ct_eq(secret.expose().as_bytes())
            });
        if known.into() {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "send the shared secret in the header X-Talaria-Key",
        ))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn settings(callers: Callers, secrets: [Option<&str>; 2]) -> PublisherSettings {
        PublisherSettings {
            callers,
            shared_secret: secrets[0].map(Secret::new),
            shared_secret_previous: secrets[1].map(Secret::new),
            ..PublisherSettings::default()
        }
    }

    #[test]
    fn off_loopback_nobody_is_let_in_unnamed() {
        let open = settings(Callers::None, [None, None]);
        assert!(CallerCheck::from_settings(&open, ([127, 0, 0, 1], 80).into()).is_ok());
        let address: SocketAddr = ([0, 0, 0, 0], 80).into();
        assert_eq!(
            CallerCheck::from_settings(&open, address).err(),
            Some(CallerSetupError::OpenToOthers(address))
        );
        let refusal = CallerSetupError::OpenToOthers(address).to_string();
        for way in ["127.0.0.1", "shared-secret", "trusted-network"] {
            assert!(refusal.contains(way), "{way:?} is not in {refusal}");
        }
    }

    #[test]
    fn a_network_that_is_named_trusted_lets_in_whatever_comes_through() {
        let trusted = settings(Callers::TrustedNetwork, [None, None]);
        let check = CallerCheck::from_settings(&trusted, ([0, 0, 0, 0], 80).into());
        let check = check.expect("it is named");
        assert!(
            check
                .check(&TestRequest::default().to_http_request())
                .is_ok()
        );
        assert_eq!(check.hosts(), Hosts::Any);
    }

    #[test]
    fn a_missing_or_weak_secret_refuses_to_start() {
        let address: SocketAddr = ([0, 0, 0, 0], 80).into();
        let cases = [
            ([None, None], CallerSetupError::NoSecret),
            ([Some("short"), None], CallerSetupError::WeakSecret),
            (
                [Some("0123456789abcdef"), Some("")],
                CallerSetupError::WeakSecret,
            ),
        ];
        for (secrets, expected) in cases {
            let error =
                CallerCheck::from_settings(&settings(Callers::SharedSecret, secrets), address)
                    .err();
            assert_eq!(error, Some(expected));
        }
    }

    #[test]
    fn either_of_two_secrets_lets_in_and_nothing_else() {
        let both = settings(
            Callers::SharedSecret,
            [Some("0123456789abcdef\n"), Some("fedcba9876543210")],
        );
        let check =
            CallerCheck::from_settings(&both, ([0, 0, 0, 0], 80).into()).expect("good secrets");
        for (key, admitted) in [
            (Some("0123456789abcdef"), true),
            (Some("fedcba9876543210"), true),
            (Some("0123456789abcde"), false),
            (Some(""), false),
            (None, false),
        ] {
            let mut request = TestRequest::default();
            if let Some(key) = key {
                request = request.insert_header((KEY_HEADER, key));
            }
            assert_eq!(
                check.check(&request.to_http_request()).is_ok(),
                admitted,
                "{key:?}"
            );
        }
    }
}
