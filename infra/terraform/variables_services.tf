variable "image_tag" {
  description = "The tag of the images that run. A new one for each build makes going back possible."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", var.image_tag)) && var.image_tag != "latest"
    error_message = "image_tag names one build, such as the commit it was made from; latest would say nothing about what runs."
  }
}

# Where nothing is said: what a shop of a few million events a month needs.
#   min_instances  kept warm, so that nobody waits for a start; the publisher's tag waits three seconds
#   max_instances  of the updater: also the number that limits of destinations are divided by
#   concurrency    requests at once in one instance
#   cpu_always     false: paid for while requests are worked on. true: paid for all the time an instance is up, cheaper per
#                  second; worth it from about 40 million requests a month, or where the operators' page must be fresh at
#                  quiet times, since the updater writes destinations' state down between requests
#   environment    settings besides those that are made here; here is what the routes file's ${NAME} are filled from
variable "services" {
  description = "Size and settings of each service."
  type = object({
    publisher = optional(object({
      min_instances = optional(number, 1)
      max_instances = optional(number, 10)
      concurrency   = optional(number, 200)
      cpu           = optional(string, "1")
      memory        = optional(string, "512Mi")
      cpu_always    = optional(bool, false)
      environment   = optional(map(string), {})
    }), {})
    updater = optional(object({
      min_instances = optional(number, 0)
      max_instances = optional(number, 3)
      concurrency   = optional(number, 200)
      cpu           = optional(string, "1")
      memory        = optional(string, "512Mi")
      cpu_always    = optional(bool, false)
      environment   = optional(map(string), {})
    }), {})
    counter-tally = optional(object({
      min_instances = optional(number, 0)
      max_instances = optional(number, 3)
      concurrency   = optional(number, 500) # one commit takes as many events
      cpu           = optional(string, "1")
      memory        = optional(string, "512Mi")
      cpu_always    = optional(bool, false)
      environment   = optional(map(string), {})
    }), {})
    counter-page = optional(object({
      min_instances = optional(number, 0)
      max_instances = optional(number, 2)
      concurrency   = optional(number, 300) # each open page holds one; 256 of them, and the rest for the API
      cpu           = optional(string, "1")
      memory        = optional(string, "512Mi")
      cpu_always    = optional(bool, false)
      environment   = optional(map(string), {})
    }), {})
  })
  default = {}

  validation {
    condition     = alltrue([for name, service in var.services : service.max_instances >= 1 && service.min_instances <= service.max_instances])
    error_message = "services: max_instances is at least 1, and min_instances no more than it."
  }

  # In other letters they would stand beside ours of the same name, and which one holds is anybody's guess.
  validation {
    condition     = alltrue(flatten([for name, service in var.services : [for variable in keys(service.environment) : !can(regex("^(?i:talaria_|otel_)", variable)) || upper(variable) == variable]]))
    error_message = "services: environment names that begin with TALARIA_ or OTEL_ are written in capitals."
  }

  validation {
    condition     = alltrue([for name, service in var.services : service.concurrency >= 1 && service.concurrency <= 1000])
    error_message = "services: concurrency is 1 to 1000, Cloud Run's own limit."
  }
}

variable "time_zone" {
  description = "The shop's, such as Europe/Berlin: today begins at its midnight."
  type        = string
  default     = "UTC"
}
