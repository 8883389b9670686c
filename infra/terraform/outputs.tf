output "publisher" {
  description = "For the tag: where it posts events, the audience of its tokens, and the account that it mints them for."
  value = {
    url             = local.urls["publisher"]
    audience        = local.urls["publisher"]
    service_account = google_service_account.account["tag"].email
    access          = var.publisher_access
  }
}

output "topic" {
  description = "For a tag that writes to the topic itself."
  value       = google_pubsub_topic.events.id
}

output "page" {
  description = "Where the page is. With a domain: its A record must say page_address. Without: gcloud run services proxy."
  value       = var.page_domain == null ? "gcloud run services proxy ${var.prefix}-counter-page --project=${var.project} --region=${var.region} --port=8082" : "https://${var.page_domain}"
}

output "page_address" {
  description = "What the domain's A record says."
  value       = one(google_compute_global_address.page[*].address)
}

output "urls" {
  description = "The services' addresses, which are also the audiences of their tokens."
  value       = { for name, service in google_cloud_run_v2_service.service : name => local.urls[name] }
}

output "service_accounts" {
  description = "Whom to grant what the company's own services ask for; updater is the one that calls them."
  value       = { for name, account in google_service_account.account : name => account.email }
}

output "images" {
  description = "Where images are pushed to: {this}/{publisher, updater, counter, talaria}:{image_tag}."
  value       = local.registry
}

output "secrets" {
  description = "Secrets that want a version, each by gcloud secrets versions add NAME --data-file=-"
  value       = sort(concat(keys(google_secret_manager_secret.of_routes), [for secret in google_secret_manager_secret.publisher_key : secret.secret_id]))
}

output "check_subscriptions" {
  description = "Compares the project with the routes file, from the folder that Terraform runs in."
  value = join(" ", [
    "TALARIA_PUBLISHER__TOPIC=${var.topic} talaria check ${var.routes} --subscriptions --project ${var.project}",
    "--updater-url ${local.urls["updater"]} --counter-url ${local.urls["counter-tally"]}",
    "--push-service-account ${google_service_account.account["push"].email}",
  ])
}
