resource "google_firestore_database" "store" {
  project     = var.project
  name        = var.firestore_database
  location_id = coalesce(var.firestore_location, var.region)
  type        = "FIRESTORE_NATIVE"

  delete_protection_state = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy         = var.deletion_protection ? "ABANDON" : "DELETE"

  depends_on = [google_project_service.used]
}

# One truth with the Firebase tools, which read the same file.
locals {
  firestore_indexes = jsondecode(file("${path.module}/../firestore/firestore.indexes.json"))
  firestore_fields = {
    for field in local.firestore_indexes.fieldOverrides : "${field.collectionGroup}.${field.fieldPath}" => field
  }
}

# What expires is deleted by Firestore itself; what nobody looks for is not indexed.
resource "google_firestore_field" "field" {
  for_each = local.firestore_fields

  project    = var.project
  database   = google_firestore_database.store.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  # Empty: no index at all.
  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        order        = try(indexes.value.order, null)
        array_config = try(indexes.value.arrayConfig, null)
        query_scope  = try(indexes.value.queryScope, null)
      }
    }
  }

  dynamic "ttl_config" {
    for_each = try(each.value.ttl, false) ? [true] : []
    content {}
  }

  lifecycle {
    precondition {
      condition     = length(local.firestore_indexes.indexes) == 0
      error_message = "firestore.indexes.json has composite indexes now: give them a google_firestore_index here."
    }
  }
}

# Browsers and telephones ask by these rules, the services by IAM. Nobody's browser has anything to ask.
resource "google_firebaserules_ruleset" "closed" {
  project = var.project

  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/firestore.rules")
    }
  }

  depends_on = [google_firestore_database.store]

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_firebaserules_release" "closed" {
  project      = var.project
  name         = var.firestore_database == "(default)" ? "cloud.firestore" : "cloud.firestore/${var.firestore_database}"
  ruleset_name = "projects/${var.project}/rulesets/${google_firebaserules_ruleset.closed.name}"

  lifecycle {
    replace_triggered_by = [google_firebaserules_ruleset.closed]
  }
}
