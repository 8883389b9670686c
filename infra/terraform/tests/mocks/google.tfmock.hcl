mock_data "google_project" {
  defaults = {
    number = "123456789012"
  }
}

mock_resource "google_secret_manager_secret_version" {
  defaults = {
    version = "7"
  }
}
