//! The page's files, from memory: no build step, no request to any other host.

use ::web::Problem;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, http::StatusCode, web};
use sha2::{Digest, Sha256};

const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// A file of the page.
struct Asset {
    name: &'static str,
    content: &'static [u8],
}

macro_rules! assets {
    ($($name:literal),* $(,)?) => {
        &[$(Asset { name: $name, content: include_bytes!(concat!("page/", $name)) }),*]
    };
}

const PAGE: &str = "index.html";
const ASSETS: &[Asset] = assets![
    "api.js",
    "app.css",
    "app.js",
    "chart.js",
    "controls.js",
    "deadletters.js",
    "deliveries.js",
    "dom.js",
    "figures.js",
    "format.js",
    "funnel.js",
    "icon.svg",
    "index.html",
    "journey.js",
    "link.js",
    "model.js",
    "operators.css",
    "operators.js",
    "panels.css",
    "scale.js",
    "shop.js",
    "sparkline.js",
    "state.js",
    "stream.js",
    "table.css",
    "table.js",
    "theme.js",
];

/// `GET /`, `GET /assets/{name}`.
pub(crate) fn configure(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/", web::get().to(page))
        .route("/assets/{name}", web::get().to(asset));
}

async fn page(request: HttpRequest) -> Result<HttpResponse, Problem> {
    serve(PAGE, &request)
}

async fn asset(name: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    serve(&name, &request)
}

fn serve(name: &str, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let asset = ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "the page has no such file"))?;
    let tag = format!("\"{:x}\"", Sha256::digest(asset.content));
    let known = request
        .headers()
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| {
            tags.split(',')
                .any(|known| known.trim().trim_start_matches("W/") == tag)
        });
    if known {
        return Ok(with_headers(HttpResponse::NotModified(), &tag).finish());
    }
    Ok(with_headers(HttpResponse::Ok(), &tag)
        .insert_header((CONTENT_TYPE, media_type(name)))
        .body(asset.content))
}

fn with_headers(mut response: HttpResponseBuilder, tag: &str) -> HttpResponseBuilder {
    response
        .insert_header((ETAG, tag))
        // Always asked for, never sent twice: a new binary shows its own page at once.
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .insert_header((REFERRER_POLICY, "no-referrer"));
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_of_the_page_is_served_and_has_a_media_type() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/src/page");
        let files: BTreeSet<String> = std::fs::read_dir(directory)
            .expect("the page's directory")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        let served: BTreeSet<String> = ASSETS.iter().map(|asset| asset.name.to_owned()).collect();
        assert_eq!(files, served);
        for name in served {
            assert_ne!(media_type(&name), "application/octet-stream", "{name}");
        }
    }
}
