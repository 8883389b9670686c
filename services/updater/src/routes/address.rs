//! Which urls a destination may have. Internal addresses are the purpose; addresses that belong to the machine or its
//! cloud, where secrets can be read, are refused when the file is read. (What a name leads to is checked again when
//! the connection is made.)

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// What is wrong with a url, and what would be right.
pub(super) type Refusal = (String, &'static str);

/// The url and whether it names this machine.
pub(super) fn read(written: &str) -> Result<(Url, bool), Refusal> {
    if written.contains("${") {
        return Err((
            "the url still holds ${…}".into(),
            "variables are filled in without quotes only: url: ${CRM_API_URL}",
        ));
    }
    let url = Url::parse(written)
        .map_err(|error| (format!("this is not a url: {error}"), "https://host/path"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err((
            format!("{}: is not spoken here", url.scheme()),
            "http or https",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err((
            "the url holds a user or password".into(),
            "use auth: with the name of a secret",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err((
            "the url holds a query or fragment".into(),
            "give the query in each route, under query:",
        ));
    }
    let is_loopback = check_host(&url)?;
    Ok((url, is_loopback))
}

fn check_host(url: &Url) -> Result<bool, Refusal> {
    let address = match url.host() {
        None => return Err(("the url has no host".into(), "https://host/path")),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            if matches!(name.as_str(), "metadata" | "metadata.google.internal") {
                return Err(forbidden());
            }
            return Ok(name == "localhost");
        }
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => address
            .to_ipv4_mapped()
            .map_or(IpAddr::V6(address), IpAddr::V4),
    };
    if is_forbidden(address) {
        Err(forbidden())
    } else {
        Ok(address.is_loopback())
    }
}

fn forbidden() -> Refusal {
    (
        "this address is never called: link-local, metadata, multicast and unspecified addresses are refused".into(),
        "the address or name of your API",
    )
}

/// True for an address no destination may have, whatever names it.
pub fn is_forbidden(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_forbidden_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_forbidden_v4(mapped),
            None => is_forbidden_v6(address),
        },
    }
}

fn is_forbidden_v4(address: Ipv4Addr) -> bool {
    address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.octets()[0] == 0
}

fn is_forbidden_v6(address: Ipv6Addr) -> bool {
    // The one metadata service outside the link-local range (Amazon's).
    let metadata = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    address.is_unicast_link_local()
        || address.is_multicast()
        || address.is_unspecified()
        || address == metadata
}
