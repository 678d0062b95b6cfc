# The network load balancer of the edge a-shop-with-a-name-of-its-very-own, written by Portico: change its
# description and render again.

locals {
  tags = merge({
    "portico:edge"      = "a-shop-with-a-name-of-its-very-own"
    "portico:namespace" = "web"
  }, var.tags)
}

resource "aws_lb" "this" {
  name                             = var.name
  load_balancer_type               = "network"
  internal                         = false
  subnets                          = var.subnet_ids
  security_groups                  = [aws_security_group.load_balancer.id]
  enable_deletion_protection       = var.deletion_protection
  tags                             = local.tags
  enable_cross_zone_load_balancing = true

  access_logs {
    enabled = true
    bucket  = "shop-logs"
    prefix  = "edge/shop"
  }
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
  name = "${var.name}-31000"

  vpc_id      = var.vpc_id
  target_type = "instance"
  protocol    = "TCP"
  port        = 31000
  tags        = local.tags

  # Says who the client is.
  proxy_protocol_v2 = true

  # The PROXY header says who the client is, and HAProxy believes it from the load balancer's addresses alone.
  preserve_client_ip = false

  # In seconds.
  deregistration_delay = 120

  # What is left then is told so, instead of being left in silence.
  connection_termination = true

  health_check {
    # HAProxy fails it as soon as it is stopping, while it still serves.
    protocol = "HTTP"

    port                = "31003"
    path                = "/ready"
    matcher             = "200"
    interval            = 15
    timeout             = 4
    healthy_threshold   = 3
    unhealthy_threshold = 4
  }

  lifecycle {
    # A group that a listener forwards to cannot be deleted.
    create_before_destroy = true
  }
}

# To HAProxy's listener https; TLS ends here.
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "TLS"
  certificate_arn   = aws_acm_certificate_validation.this.certificate_arn
  tags              = local.tags
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  alpn_policy       = "HTTP2Optional"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.https.arn
  }
}

resource "aws_lb_target_group" "https" {
  name        = "${var.name}-31001"
  vpc_id      = var.vpc_id
  target_type = "instance"
  protocol    = "TCP"
  port        = 31001
  tags        = local.tags

  # Says who the client is.
  proxy_protocol_v2 = true

  preserve_client_ip     = false
  deregistration_delay   = 120
  connection_termination = true

  health_check {
    protocol            = "HTTP"
    port                = "31003"
    path                = "/ready"
    matcher             = "200"
    interval            = 15
    timeout             = 4
    healthy_threshold   = 3
    unhealthy_threshold = 4
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
