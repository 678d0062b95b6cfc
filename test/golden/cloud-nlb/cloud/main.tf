# The network load balancer of the edge shop, written by Portico: change its description and render again.

locals {
  tags = merge({
    "portico:edge"      = "shop"
    "portico:namespace" = "default"
  }, var.tags)
}

resource "aws_lb" "this" {
  name                       = var.name
  load_balancer_type         = "network"
  internal                   = false
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.load_balancer.id]
  enable_deletion_protection = var.deletion_protection
  tags                       = local.tags

  # Every node passes connections on to the pods of all zones; AWS charges for a second crossing.
  enable_cross_zone_load_balancing = false
}

# To HAProxy's listener http.
resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "TCP"
  tags              = local.tags

  # An NLB's own default.
  tcp_idle_timeout_seconds = 350

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.http.arn
  }
}

resource "aws_lb_target_group" "http" {
  # With the node port, so that another port is another group, which can take over from this one.
  name = "${var.name}-30080"

  vpc_id      = var.vpc_id
  target_type = "instance"
  protocol    = "TCP"
  port        = 30080
  tags        = local.tags

  # Says who the client is.
  proxy_protocol_v2 = true

  # The PROXY header says who the client is, and HAProxy believes it from the load balancer's addresses alone.
  preserve_client_ip = false

  # In seconds: as long as HAProxy gives in-flight requests when a pod is removed.
  deregistration_delay = 60

  # What is left then is told so, instead of being left in silence.
  connection_termination = true

  health_check {
    # HAProxy fails it as soon as it is stopping, while it still serves.
    protocol = "HTTP"

    port    = "30406"
    path    = "/ready"
    matcher = "200"

    # A dead node is out after 20 s.
    interval = 10

    # A connection within a cluster takes milliseconds; a slow one is not yet a dead one.
    timeout = 5

    # A node that is back is used after 20 s.
    healthy_threshold = 2

    # One lost check is no death.
    unhealthy_threshold = 2
  }

  lifecycle {
    # A group that a listener forwards to cannot be deleted.
    create_before_destroy = true
  }
}

# To HAProxy's listener https.
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "TCP"
  tags              = local.tags

  # An NLB's own default.
  tcp_idle_timeout_seconds = 350

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.https.arn
  }
}

resource "aws_lb_target_group" "https" {
  name        = "${var.name}-30443"
  vpc_id      = var.vpc_id
  target_type = "instance"
  protocol    = "TCP"
  port        = 30443
  tags        = local.tags

  # Says who the client is.
  proxy_protocol_v2 = true

  preserve_client_ip     = false
  deregistration_delay   = 60
  connection_termination = true

  health_check {
    protocol            = "HTTP"
    port                = "30406"
    path                = "/ready"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Nodes come and go with their Auto Scaling group.
resource "aws_autoscaling_attachment" "http" {
  for_each               = var.autoscaling_groups
  autoscaling_group_name = each.value
  lb_target_group_arn    = aws_lb_target_group.http.arn
}

resource "aws_lb_target_group_attachment" "http" {
  for_each         = var.instances
  target_group_arn = aws_lb_target_group.http.arn
  target_id        = each.value
}

resource "aws_autoscaling_attachment" "https" {
  for_each               = var.autoscaling_groups
  autoscaling_group_name = each.value
  lb_target_group_arn    = aws_lb_target_group.https.arn
}

resource "aws_lb_target_group_attachment" "https" {
  for_each         = var.instances
  target_group_arn = aws_lb_target_group.https.arn
  target_id        = each.value
}
