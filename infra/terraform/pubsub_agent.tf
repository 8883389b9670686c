# What Pub/Sub itself must be allowed. Without the first two, what it gives up on is neither forwarded nor dropped: it comes
# again for ever. Without the third it can sign no pushes.

resource "google_pubsub_topic_iam_member" "agent_forwards" {
  project = var.project
  topic   = google_pubsub_topic.dead_letters.name
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "agent_acknowledges" {
  for_each = google_pubsub_subscription.events

  project      = var.project
  subscription = each.value.name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

# The narrower of the two roles that can: identity tokens, and nothing else of the account.
resource "google_service_account_iam_member" "agent_signs" {
  service_account_id = google_service_account.account["push"].name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = local.pubsub_agent
}
