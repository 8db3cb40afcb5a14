# Each says that alerts may be late or lost. They go to the alert topic, which people already watch.

locals {
  alarm_actions = concat([local.topic_arn], var.alarm_actions)
}

resource "aws_cloudwatch_metric_alarm" "age" {
  alarm_name          = "${var.name}-queue-age"
  alarm_description   = "The oldest event has waited for more than five minutes: the detector is down, or does not keep up."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = local.queue_name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  comparison_operator = "GreaterThanThreshold"
  threshold           = 300
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "dead" {
  alarm_name          = "${var.name}-dead-letters"
  alarm_description   = "Messages could not be judged five times. Look at them, mend the cause, and move them back (sqs start-message-move-task)."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = "${local.queue_name}-dead" }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags
}

# The service's own heartbeat: it is withheld while the detector is blind, or cannot write down what it sees.
resource "aws_cloudwatch_log_metric_filter" "heartbeat" {
  count = local.service

  name           = "${var.name}-heartbeat"
  log_group_name = aws_cloudwatch_log_group.this[0].name
  pattern        = "{ $.subject = \"heartbeat\" && $.level = \"information\" }"

  metric_transformation {
    namespace = "Detector"
    name      = "${var.name}-heartbeat"
    value     = "1"
  }
}

# Each task beats five times in five minutes; fewer than one task less would do is one that is silent.
resource "aws_cloudwatch_metric_alarm" "heartbeat" {
  count = local.service

  alarm_name          = "${var.name}-heartbeat"
  alarm_description   = "A detector has not said for ten minutes that all is well: it is dead, blind, or cannot write. Its log says why."
  namespace           = "Detector"
  metric_name         = "${var.name}-heartbeat"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "LessThanThreshold"
  threshold           = 5 * (var.tasks - 1) + 1
  treat_missing_data  = "breaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags

  depends_on = [aws_cloudwatch_log_metric_filter.heartbeat]
}

# Of a detector that runs elsewhere this account sees only that it asks the queue, every few seconds, whether there is anything in it or not.
resource "aws_cloudwatch_metric_alarm" "receives" {
  count = 1 - local.service

  alarm_name          = "${var.name}-heartbeat"
  alarm_description   = "Nobody has asked the queue for events for ten minutes: the detector does not run."
  evaluation_periods  = 2
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags

  metric_query {
    id          = "receives"
    expression  = "FILL(empty, 0) + FILL(received, 0)"
    label       = "Receives"
    return_data = true
  }

  metric_query {
    id = "empty"
    metric {
      namespace   = "AWS/SQS"
      metric_name = "NumberOfEmptyReceives"
      dimensions  = { QueueName = local.queue_name }
      stat        = "Sum"
      period      = 300
    }
  }

  metric_query {
    id = "received"
    metric {
      namespace   = "AWS/SQS"
      metric_name = "NumberOfMessagesReceived"
      dimensions  = { QueueName = local.queue_name }
      stat        = "Sum"
      period      = 300
    }
  }
}
