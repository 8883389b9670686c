//! Under which names a server answers. A page of another site can have its own name resolve to 127.0.0.1, and would then
//! read what servers that ask nobody who they are say to this machine's users.

use std::net::Ipv4Addr;

use actix_web::http::StatusCode;
use actix_web::http::header::{HOST, HeaderMap};

use crate::Problem;

/// The names under which a server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Under any: callers prove who they are, or the network in front admits only known ones.
    Any,
    /// As localhost, 127.x.x.x or \[::1\], on any port. A request that names no host comes from no browser, and is taken.
    LoopbackNames,
}

impl Hosts {
    /// Refuses with 421 a request for another name; `port` is where the server listens. Where some are named, those are
    /// meant by `Any`.
    pub(crate) fn check(
        self,
        headers: &HeaderMap,
        port: u16,
        named: &[String],
    ) -> Result<(), Problem> {
        let known = |host: &str| match self {
            Self::LoopbackNames => is_loopback(host),
            Self::Any => named.is_empty() || is_named(host, named),
        };
        if headers
            .get_all(HOST)
            .all(|host| host.to_str().is_ok_and(known))
        {
            return Ok(());
        }
        let detail = match self {
            Self::LoopbackNames => format!(
                "this address answers under the names of loopback alone: use http://127.0.0.1:{port}"
            ),
            Self::Any => "this address doesn't answer under that name".to_owned(),
        };
        Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail))
    }
}

fn is_named(host: &str, named: &[String]) -> bool {
    let name = without_port(host);
    named.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_loopback(host: &str) -> bool {
    let name = without_port(host);
    name.eq_ignore_ascii_case("localhost")
        || name == "[::1]"
        || name
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_loopback_are_loopback() {
        let loopback = [
            "localhost",
            "LocalHost:8080",
            "127.0.0.1",
            "127.9.8.7:1",
            "[::1]",
            "[::1]:8080",
        ];
        let others = [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8080",
            "10.0.0.1",
            "[::2]:80",
            "evil.example:127.0.0.1",
        ];
        for host in loopback {
            assert!(is_loopback(host), "{host}");
        }
        for host in others {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn where_names_are_set_no_other_is_answered() {
        let named = ["localhost", "counter"].map(str::to_owned);
        let answers = |hosts: Hosts, host: &str, named: &[String]| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().expect("a header"));
            hosts.check(&headers, 80, named).is_ok()
        };
        for (host, by_name, by_loopback) in [
            ("counter:8080", true, false),
            ("Counter", true, false),
            ("localhost:8082", true, true),
            ("127.0.0.1", false, true),
            ("evil.example", false, false),
            ("counter.evil.example:8080", false, false),
            ("", false, false),
        ] {
            assert_eq!(answers(Hosts::Any, host, &named), by_name, "{host}");
            assert!(answers(Hosts::Any, host, &[]), "{host}");
            let loopback = answers(Hosts::LoopbackNames, host, &named);
            assert_eq!(loopback, by_loopback, "{host}");
        }
    }
}
