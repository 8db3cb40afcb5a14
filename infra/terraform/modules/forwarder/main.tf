# Forwards the CloudTrail events of one region of one account to the detector's bus. Its provider says of which.

data "aws_caller_identity" "this" {}
data "aws_region" "this" {}

locals {
  rules = { for index, pattern in var.patterns : "${var.name}-${index + 1}" => pattern }
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name          = each.key
  description   = "CloudTrail events that the detector's rules need"
  event_pattern = each.value
  state         = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.rules

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "${var.name}-bus"
  arn       = var.bus_arn
  role_arn  = aws_iam_role.this.arn
}

# IAM is global: the region keeps several forwarders of an account apart.
resource "aws_iam_role" "this" {
  name = "${var.name}-forwarder-${data.aws_region.this.name}"
  tags = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "forward"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "events:PutEvents", Resource = var.bus_arn }]
  })
}
