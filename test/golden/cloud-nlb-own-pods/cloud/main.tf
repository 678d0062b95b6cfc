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

  # Only nodes with a pod serve, and not every zone has as many.
  enable_cross_zone_load_balancing = true
}

# To HAProxy's listener http.
resource "aws_lb_listener" "http" {
  load_balancer_arn        = aws_lb.this.arn
  port                     = 80
  protocol                 = "TCP"
  tags                     = local.tags
  tcp_idle_timeout_seconds = 600

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

  # This listener expects no PROXY header.
  proxy_protocol_v2 = false

  # No PROXY header says who the client is, and nodes keep the address.
  preserve_client_ip = true

  # In seconds: as long as HAProxy gives in-flight requests when a pod is removed.
  deregistration_delay = 60

  # What is left then is told so, instead of being left in silence.
  connection_termination = true

  target_health_state {
    # A node whose last pod goes fails its checks while that pod still answers what it has: an NLB would cut
    # it.
    enable_unhealthy_connection_termination = false

    # In seconds, as long as HAProxy gives in-flight requests.
    unhealthy_draining_interval = 60
  }

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
  load_balancer_arn        = aws_lb.this.arn
  port                     = 443
  protocol                 = "TCP"
  tags                     = local.tags
  tcp_idle_timeout_seconds = 600

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

  # This listener expects no PROXY header.
  proxy_protocol_v2 = false

  preserve_client_ip     = true
  deregistration_delay   = 60
  connection_termination = true

  target_health_state {
    enable_unhealthy_connection_termination = false
    unhealthy_draining_interval             = 60
  }

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
