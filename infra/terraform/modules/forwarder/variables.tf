variable "name" {
  description = "What every part is named after; that of the detector, so that it knows its own."
  type        = string
  default     = "detector"
}

variable "bus_arn" {
  description = "The detector's bus: its output bus_arn."
  type        = string
}

variable "patterns" {
  description = "Which events are forwarded: the detector's output patterns."
  type        = list(string)
}

variable "tags" {
  description = "Tags of every part."
  type        = map(string)
  default     = {}
}
