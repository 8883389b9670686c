# Firestore: what expires is forgotten, what nobody looks for costs nothing, browsers read nothing. And the page, for those who
# are named.

mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project   = "my-shop-talaria"
  region    = "europe-west1"
  image_tag = "build-1"
  routes    = "tests/routes.yaml"
  services  = { updater = { environment = { CRM_API_URL = "https://crm.example" } } }
}

run "everything_that_expires_has_a_ttl_policy" {
  assert {
    condition = toset([for field in google_firestore_field.field : field.collection if length(field.ttl_config) == 1 && field.field == "expires_at"]) == toset([
      "ledger", "ledger_parts", "held_messages", "held_message_parts", "dead_letters", "dead_letter_parts", "destination_reports", "markers", "minutes",
      "quarters", "hours", "days",
    ])
    error_message = "Every collection whose documents expire has a TTL policy on expires_at; without it nothing is ever forgotten."
  }
  assert {
    condition     = length([for field in google_firestore_field.field : field if length(field.ttl_config) == 1]) == 12
    error_message = "What does not expire has none."
  }
}

run "what_nobody_looks_for_is_not_indexed" {
  assert {
    condition = toset([for field in google_firestore_field.field : "${field.collection}.${field.field}"]) == toset([
      for field in jsondecode(file("../firestore/firestore.indexes.json")).fieldOverrides : "${field.collectionGroup}.${field.fieldPath}"
    ])
    error_message = "The fields are those of firestore.indexes.json, all of them."
  }
  assert {
    condition     = alltrue([for field in google_firestore_field.field : try(length(field.index_config[0].indexes) == 0, false)])
    error_message = "None of them is indexed: each index costs with every write."
  }
  assert {
    condition     = alltrue([for name in ["items.revenue_micros", "markers.expires_at", "minutes.items", "totals.written"] : contains(keys(google_firestore_field.field), name)])
    error_message = "Counters, and times that only grow, are among them: those would be the slowest."
  }
  assert {
    condition     = alltrue([for name in ["due_key", "age_key", "waits_key", "identity_digest", "event_id_digest"] : !contains(keys(google_firestore_field.field), "held_messages.${name}")])
    error_message = "What is due is looked for, so it stays indexed."
  }
}

run "browsers_read_nothing" {
  assert {
    condition = (
      tolist(regexall("allow [^;]*;", google_firebaserules_ruleset.closed.source[0].files[0].content)) == tolist(["allow read, write: if false;"])
      && strcontains(google_firebaserules_ruleset.closed.source[0].files[0].content, "match /{document=**}")
    )
    error_message = "One rule, for all documents: no."
  }
  assert {
    condition     = google_firebaserules_release.closed.name == "cloud.firestore"
    error_message = "The rules are released to the database in use."
  }
}

run "the_database_is_native_and_protected" {
  assert {
    condition = (
      google_firestore_database.store.type == "FIRESTORE_NATIVE" && google_firestore_database.store.location_id == "europe-west1"
      && google_firestore_database.store.delete_protection_state == "DELETE_PROTECTION_ENABLED"
    )
    error_message = "Datastore mode has no listeners; and a database is not removed by mistake."
  }
}

run "a_named_database_is_the_one_that_is_used_everywhere" {
  variables {
    firestore_database  = "talaria"
    deletion_protection = false
  }
  assert {
    condition = (
      google_firestore_database.store.name == "talaria" && google_firebaserules_release.closed.name == "cloud.firestore/talaria"
      && alltrue([for field in google_firestore_field.field : field.database == "talaria"])
      && alltrue([for member in google_project_iam_member.database : endswith(member.condition[0].expression, "/databases/talaria\"")])
      && google_firestore_database.store.delete_protection_state == "DELETE_PROTECTION_DISABLED"
      && google_firestore_database.store.deletion_policy == "DELETE"
    )
    error_message = "Database, rules, policies, rights: one name."
  }
}

run "the_page_without_a_domain_is_for_readers_with_gcloud" {
  variables {
    page_readers = ["group:analytics@example.com"]
  }
  assert {
    condition = (
      [for caller in google_cloud_run_v2_service_iam_member.caller : caller.member if caller.name == "talaria-counter-page"] == ["group:analytics@example.com"]
      && length(google_compute_backend_service.page) == 0
    )
    error_message = "Readers call it as themselves; there is no load balancer to pay for."
  }
}

run "the_page_with_a_domain_is_behind_identity_aware_proxy" {
  variables {
    page_domain  = "talaria.example.com"
    page_readers = ["group:analytics@example.com"]
  }
  assert {
    condition = (
      google_compute_backend_service.page[0].iap[0].enabled
      && google_cloud_run_v2_service.service["counter-page"].ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
      && [for caller in google_cloud_run_v2_service_iam_member.caller : caller.member if caller.name == "talaria-counter-page"] == ["serviceAccount:service-123456789012@gcp-sa-iap.iam.gserviceaccount.com"]
    )
    error_message = "The proxy alone reaches the page, and it asks who reads."
  }
  assert {
    condition = (
      one(values(google_iap_web_backend_service_iam_member.reader)).member == "group:analytics@example.com"
      && one(values(google_iap_web_backend_service_iam_member.reader)).role == "roles/iap.httpsResourceAccessor"
    )
    error_message = "Readers are let through the proxy."
  }
}
