//! Addresses that take one method, and say so to every other.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, Resource, Route, web};

use crate::{Problem, refuse_unread};

/// An address that takes GET alone.
pub fn only_get(path: &str, route: Route) -> Resource {
    let other = async |payload| other_method(payload, "GET").await;
    web::resource(path)
        .route(route)
        .default_service(web::to(other))
}

/// An address that takes POST alone. A page of another origin learns nothing from its OPTIONS either.
pub fn only_post(path: &str, route: Route) -> Resource {
    let other = async |payload| other_method(payload, "POST").await;
    web::resource(path)
        .route(route)
        .default_service(web::to(other))
}

async fn other_method(payload: web::Payload, allowed: &'static str) -> HttpResponse {
    let detail = format!("this address takes {allowed} alone");
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail);
    refuse_unread(&problem.with_header("allow", allowed), payload).await
}
