terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }

  # terraform init -backend-config=bucket=NAME
  backend "gcs" {
    prefix = "talaria"
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

# Its number is part of the services' addresses and of the names of Google's own agents.
data "google_project" "this" {
  project_id = var.project
}
