# The page under a domain of its own: a load balancer with Identity-Aware Proxy. Release 6.50 of the provider doesn't know
# Cloud Run's own switch for the proxy, which needs no load balancer.

locals {
  with_domain = var.page_domain == null ? 0 : 1
}

resource "google_compute_global_address" "page" {
  count = local.with_domain

  project = var.project
  name    = "${var.prefix}-page"

  depends_on = [google_project_service.used]
}

resource "google_compute_region_network_endpoint_group" "page" {
  count = local.with_domain

  project               = var.project
  name                  = "${var.prefix}-page"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloud_run_v2_service.service["counter-page"].name
  }
}

resource "google_compute_backend_service" "page" {
  count = local.with_domain

  project               = var.project
  name                  = "${var.prefix}-page"
  protocol              = "HTTPS"
  load_balancing_scheme = "EXTERNAL_MANAGED"

  backend {
    group = google_compute_region_network_endpoint_group.page[0].id
  }

  # With Google's own OAuth client, which is for people of the project's organisation.
  iap {
    enabled = true
  }
}

resource "google_iap_web_backend_service_iam_member" "reader" {
  for_each = toset(var.page_domain == null ? [] : var.page_readers)

  project             = var.project
  web_backend_service = google_compute_backend_service.page[0].name
  role                = "roles/iap.httpsResourceAccessor"
  member              = each.key
}

resource "google_compute_url_map" "page" {
  count = local.with_domain

  project         = var.project
  name            = "${var.prefix}-page"
  default_service = google_compute_backend_service.page[0].id
}

resource "google_compute_managed_ssl_certificate" "page" {
  count = local.with_domain

  project = var.project
  # A certificate in use can't be changed; another domain makes another one first.
  name = "${var.prefix}-page-${substr(sha256(var.page_domain), 0, 8)}"

  managed {
    domains = [var.page_domain]
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_project_service.used]
}

resource "google_compute_ssl_policy" "page" {
  count = local.with_domain

  project         = var.project
  name            = "${var.prefix}-page"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.used]
}

resource "google_compute_target_https_proxy" "page" {
  count = local.with_domain

  project          = var.project
  name             = "${var.prefix}-page"
  url_map          = google_compute_url_map.page[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.page[0].id]
  ssl_policy       = google_compute_ssl_policy.page[0].id
}

resource "google_compute_global_forwarding_rule" "page" {
  count = local.with_domain

  project               = var.project
  name                  = "${var.prefix}-page"
  target                = google_compute_target_https_proxy.page[0].id
  ip_address            = google_compute_global_address.page[0].id
  port_range            = "443"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}
