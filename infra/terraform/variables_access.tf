variable "tag_runs_as" {
  description = "E-mail addresses of the service accounts that the Tag Manager server containers run as. They may mint tokens of the tag's account."
  type        = list(string)
  default     = []
}

variable "tag_writes_to_topic" {
  description = "Lets tag_runs_as write to the topic itself, for containers that can't reach the publisher."
  type        = bool
  default     = false
}

variable "page_readers" {
  description = "Who may read the page, and replay dead letters from it: group:…, user:…"
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.page_readers : can(regex("^(serviceAccount|group|user|domain|principal|principalSet):", member))])
    error_message = "page_readers are members such as group:analytics@example.com; everybody is none of them."
  }
}

variable "page_domain" {
  description = "A domain for the page: a load balancer with Identity-Aware Proxy stands in front. Without one the page is reached through gcloud run services proxy, by page_readers."
  type        = string
  default     = null
}

variable "sandbox" {
  description = "Also runs the sandbox back office, which shows what it was sent: for the first purchase."
  type        = bool
  default     = false
}
