//! Which addresses a destination's name may resolve to.
//!
//! Destinations are internal APIs, so private addresses are allowed. Never allowed are link-local addresses (cloud
//! metadata services live there), multicast and unspecified ones; loopback only where the operator wrote it. The
//! guard is the client's resolver, so the address that is checked is the address that is connected to.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::routes::is_forbidden;

/// Resolves names and drops addresses that no destination may have.
#[derive(Clone, Copy, Debug, Default)]
pub struct AddressGuard;

/// No address of the name may be called.
#[derive(Debug, thiserror::Error)]
#[error(
    "{host} resolves to no address that may be called (link-local, multicast and, by a name, loopback are refused)"
)]
pub struct RefusedAddress {
    /// The name as the routes file has it.
    pub host: String,
}

impl Resolve for AddressGuard {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let loopback_named = host.eq_ignore_ascii_case("localhost");
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0))
                .await?
                .filter(|address| may_be_called(address.ip(), loopback_named))
                .collect();
            if addresses.is_empty() {
                return Err(RefusedAddress { host }.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Whether a destination may have this address. `loopback_named`: the operator wrote a loopback address or
/// `localhost` himself.
pub fn may_be_called(address: IpAddr, loopback_named: bool) -> bool {
    let address = address.to_canonical();
    !is_forbidden(address) && (loopback_named || !address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_addresses_are_allowed_and_dangerous_ones_refused() {
        let cases = [
            ("10.1.2.3", true),
            ("192.168.0.9", true),
            ("203.0.113.7", true),
            ("fd12:3456::1", true),
            ("169.254.169.254", false),
            ("::ffff:169.254.169.254", false),
            ("fe80::1", false),
            ("fd00:ec2::254", false),
            ("224.0.0.1", false),
            ("ff02::1", false),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
            ("127.0.0.1", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
        ];
        for (address, expected) in cases {
            assert_eq!(
                may_be_called(address.parse().expect("an address"), false),
                expected,
                "{address}"
            );
        }
        assert!(
            may_be_called("127.0.0.1".parse().expect("an address"), true),
            "loopback that was named"
        );
    }

    #[tokio::test]
    async fn localhost_resolves_because_it_is_named() {
        let name: Name = "localhost".parse().expect("a name");
        assert!(AddressGuard.resolve(name).await.is_ok());
    }
}
