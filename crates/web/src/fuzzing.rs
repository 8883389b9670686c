//! Doors for the fuzz targets: what reads a request's head is private, and stays so in every other build.

use actix_web::http::header::HeaderMap;

use crate::Hosts;

/// Whether a server that answers under `hosts`, and under the names in `named` alone if there are any, takes a request
/// with this head.
pub fn answers(hosts: Hosts, headers: &HeaderMap, named: &[String]) -> bool {
    hosts.check(headers, 80, named).is_ok()
}
