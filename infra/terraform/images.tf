resource "google_artifact_registry_repository" "images" {
  project       = var.project
  location      = var.region
  repository_id = var.prefix
  format        = "DOCKER"
  description   = "Talaria's programs, one image each"

  # What ran under a tag is what runs when going back to it.
  docker_config {
    immutable_tags = true
  }

  depends_on = [google_project_service.used]
}

locals {
  registry = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}"
}
