# Nothing is called: the provider is made up, and its answers are of one account and region.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:111122223333:detector-alerts" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/detector-task", id = "detector-task" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:111122223333:key/11112222-3333-4444-5555-666677778888", key_id = "11112222-3333-4444-5555-666677778888" }
  }
  mock_resource "aws_efs_file_system" {
    defaults = { id = "fs-0123456789abcdef0" }
  }
  mock_resource "aws_efs_access_point" {
    defaults = { id = "fsap-0123456789abcdef0" }
  }
  mock_data "aws_secretsmanager_random_password" {
    defaults = { random_password = "a-password-for-this-test" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:detector-redis-abcdef" }
  }
  mock_resource "aws_memorydb_cluster" {
    defaults = { cluster_endpoint = [{ address = "clustercfg.detector-ledger.example.memorydb.us-east-1.amazonaws.com", port = 6379 }] }
  }
  mock_resource "aws_cloudwatch_event_bus" {
    defaults = { arn = "arn:aws:events:us-east-1:111122223333:event-bus/detector" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:us-east-1:111122223333:task-definition/detector:1" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { id = "arn:aws:ecs:us-east-1:111122223333:cluster/detector" }
  }
}

run "least" {
  assert {
    condition     = alltrue([for rule in aws_cloudwatch_event_rule.local : rule.state == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" && length(rule.event_pattern) <= 2048])
    error_message = "A rule would not see calls that only read, or its pattern is too long."
  }
  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_sqs_queue_policy.events.policy).Statement : statement.Condition.ArnEquals["aws:SourceArn"] if statement.Effect == "Allow"
      ])) == toset(concat(
      [for name in keys(aws_cloudwatch_event_rule.local) : "arn:aws:events:us-east-1:111122223333:rule/${name}"],
      ["arn:aws:events:us-east-1:111122223333:rule/detector/detector-forwarded"],
    ))
    error_message = "The queue must take events from the detector's rules, and from nothing else."
  }
  assert {
    condition     = aws_sqs_queue.events.sqs_managed_sse_enabled && aws_sqs_queue.dead.sqs_managed_sse_enabled
    error_message = "The queues must be encrypted."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue.events.redrive_policy).deadLetterTargetArn == "arn:aws:sqs:us-east-1:111122223333:detector-events-dead"
    error_message = "What cannot be judged must be kept."
  }
  assert {
    condition     = length(aws_cloudwatch_event_bus_policy.this) == 0
    error_message = "Nobody else was to put events on the bus."
  }
  assert {
    condition     = length(aws_ecs_service.this) == 0 && length(aws_efs_file_system.ledger) == 0
    error_message = "Without an image there is no service."
  }
  assert {
    condition     = yamldecode(output.detector_yaml).queue.url == "https://sqs.us-east-1.amazonaws.com/111122223333/detector-events"
    error_message = "detector.yaml must name the queue."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.receives[0].treat_missing_data == "breaching"
    error_message = "A detector that is not there reports nothing: that must alarm."
  }
}

run "organization" {
  command = plan

  variables {
    organization_id     = "o-a1b2c3d4e5"
    forwarding_accounts = ["444455556666"]
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_bus_policy.this[0].policy).Statement[1].Condition.StringEquals["aws:PrincipalOrgID"] == "o-a1b2c3d4e5"
    error_message = "Only the organisation's accounts may forward."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_bus_policy.this[0].policy).Statement[0].Principal.AWS == ["arn:aws:iam::444455556666:root"]
    error_message = "The named account may forward."
  }
}

run "whole" {
  variables {
    encryption           = "kms"
    image                = "111122223333.dkr.ecr.us-east-1.amazonaws.com/detector:1"
    vpc_id               = "vpc-0123456789abcdef0"
    subnet_ids           = ["subnet-0123456789abcdef0"]
    slack_webhook_secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:slack-abcdef"
    alert_emails         = ["security@example.com"]
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(aws_kms_key.this[0].policy).Statement :
      try(statement.Principal.Service == "events.amazonaws.com" && contains(statement.Action, "kms:GenerateDataKey"), false)
    ])
    error_message = "The key must let EventBridge in."
  }
  assert {
    condition     = aws_sqs_queue.events.kms_master_key_id == aws_kms_key.this[0].arn && aws_sns_topic.alerts.kms_master_key_id == aws_kms_key.this[0].arn
    error_message = "Queue and topic must use the key."
  }
  assert {
    condition     = alltrue([for statement in local.own : statement.Resource != ["*"] || startswith(statement.Sid, "Doctor")])
    error_message = "Only what the doctor reads may be asked of everything."
  }
  assert {
    condition     = alltrue([for statement in local.own : alltrue([for action in statement.Action : !can(regex("\\*", action))])])
    error_message = "No action by wildcard."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this[0].container_definitions)[0].readonlyRootFilesystem
    error_message = "The container's own files must be read-only."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this[0].container_definitions)[0].healthCheck.command == ["CMD", "/opt/detector/detector", "health"]
    error_message = "ECS must replace a task that does not answer; the image has no other program that could ask."
  }
  assert {
    condition     = aws_ecs_service.this[0].deployment_maximum_percent == 100 && aws_ecs_service.this[0].desired_count == 1
    error_message = "The ledger belongs to one process."
  }
  assert {
    condition     = aws_efs_file_system.ledger[0].encrypted && one(aws_ecs_task_definition.this[0].volume).efs_volume_configuration[0].transit_encryption == "ENABLED"
    error_message = "The ledger must be encrypted."
  }
  assert {
    condition     = yamldecode(output.detector_yaml).deployment.service == "detector/detector"
    error_message = "detector.yaml must name the service."
  }
  assert {
    condition     = contains([for variable in jsondecode(aws_ecs_task_definition.this[0].container_definitions)[0].environment : variable.name], "DETECTOR_DEPLOYMENT__DEAD_LETTERS")
    error_message = "The container must know the parts too."
  }
}

run "heartbeat_of_the_service" {
  variables {
    image      = "detector:1"
    vpc_id     = "vpc-1"
    subnet_ids = ["subnet-1"]
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.receives) == 0 && aws_cloudwatch_metric_alarm.heartbeat[0].treat_missing_data == "breaching"
    error_message = "The service is missed by its own heartbeat, and silence is alarming."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.heartbeat[0].metric_name == aws_cloudwatch_log_metric_filter.heartbeat[0].metric_transformation[0].name
    error_message = "The alarm must look at what the filter counts."
  }
  assert {
    condition     = local.environment["DETECTOR_HEARTBEAT__LOG"] == "true" && local.environment["DETECTOR_LOG__FORMAT"] == "json"
    error_message = "The filter reads heartbeats that are logged as JSON."
  }
  assert {
    condition     = length(aws_memorydb_cluster.ledger) == 0 && length(aws_efs_file_system.ledger) == 1
    error_message = "The ledger is on EFS unless asked otherwise."
  }
}

run "ledger_in_redis" {
  variables {
    encryption           = "kms"
    image                = "detector:1"
    ledger               = "redis"
    tasks                = 2
    vpc_id               = "vpc-1"
    subnet_ids           = ["subnet-1", "subnet-2"]
    slack_webhook_secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:slack-abcdef"
  }

  assert {
    condition     = length(aws_efs_file_system.ledger) == 0 && length(one(aws_ecs_task_definition.this[0].volume).efs_volume_configuration) == 0
    error_message = "The ledger is in Redis alone."
  }
  assert {
    condition     = aws_memorydb_cluster.ledger[0].tls_enabled && aws_memorydb_cluster.ledger[0].kms_key_arn == aws_kms_key.this[0].arn
    error_message = "The ledger must be encrypted, on its way and where it lies."
  }
  assert {
    condition     = one(aws_memorydb_parameter_group.ledger[0].parameter).value == "noeviction"
    error_message = "A full ledger must refuse, not forget."
  }
  assert {
    condition     = aws_memorydb_cluster.ledger[0].num_shards == 1 && aws_memorydb_cluster.ledger[0].num_replicas_per_shard == 1
    error_message = "The ledger is one shard with a replica."
  }
  assert {
    condition     = !strcontains(local.redis_access, "+@") && !strcontains(local.redis_access, "allkeys") && strcontains(local.redis_access, "~{detector}:* ~{detector} ")
    error_message = "The detector may ask what it needs, of its own keys."
  }
  assert {
    condition     = aws_secretsmanager_secret_version.redis[0].secret_string == "clustercfg.detector-ledger.example.memorydb.us-east-1.amazonaws.com:6379,ssl=true,user=detector-ledger,password=a-password-for-this-test"
    error_message = "The secret must be what ledger.redis takes."
  }
  assert {
    condition     = !strcontains(aws_ecs_task_definition.this[0].container_definitions, "a-password-for-this-test")
    error_message = "The password must not stand in the task's definition."
  }
  assert {
    condition     = toset([for secret in jsondecode(aws_ecs_task_definition.this[0].container_definitions)[0].secrets : secret.name]) == toset(["DETECTOR_LEDGER__REDIS", "DETECTOR_SLACK__WEBHOOK"])
    error_message = "The task must get its secrets."
  }
  assert {
    condition     = aws_ecs_service.this[0].desired_count == 2 && aws_ecs_service.this[0].deployment_minimum_healthy_percent == 100 && aws_ecs_service.this[0].deployment_maximum_percent == 200
    error_message = "A new task starts before an old one goes."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.heartbeat[0].threshold == 6
    error_message = "One of two tasks that is silent must alarm."
  }
}

run "several_tasks_need_redis" {
  command = plan

  variables {
    image      = "detector:1"
    tasks      = 2
    vpc_id     = "vpc-1"
    subnet_ids = ["subnet-1"]
  }

  expect_failures = [aws_security_group.task]
}

run "image_needs_a_network" {
  command = plan

  variables {
    image = "detector:1"
  }

  expect_failures = [aws_security_group.task]
}

run "patterns_must_be_patterns" {
  command = plan

  variables {
    patterns = ["{"]
  }

  expect_failures = [var.patterns]
}

run "forwarder" {
  module {
    source = "./modules/forwarder"
  }

  variables {
    bus_arn  = "arn:aws:events:us-east-1:111122223333:event-bus/detector"
    patterns = ["{\"detail-type\":[{\"suffix\":\"via CloudTrail\"}]}"]
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[0].Resource == "arn:aws:events:us-east-1:111122223333:event-bus/detector"
    error_message = "It may put events on the detector's bus, and nowhere else."
  }
  assert {
    condition     = aws_cloudwatch_event_target.this["detector-1"].arn == "arn:aws:events:us-east-1:111122223333:event-bus/detector"
    error_message = "It must forward to the detector's bus."
  }
}
