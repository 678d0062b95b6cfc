# Values that depend on the AWS account.

variable "name" {
  description = "The load balancer's name, unique among its kind in the account and region."
  type        = string
  default     = "shop-front"

  validation {
    condition     = can(regex("^[A-Za-z0-9]([-A-Za-z0-9]{0,24}[A-Za-z0-9])?$", var.name))
    error_message = "At most 26 letters, digits and hyphens, without a hyphen at either end."
  }
}

variable "vpc_id" {
  description = "The VPC of the nodes."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets for the load balancer, one in each zone with nodes."
  type        = list(string)
}

variable "node_security_group_id" {
  description = "The security group of the nodes, which gets one rule per node port."
  type        = string
}

variable "autoscaling_groups" {
  description = "Names of the nodes' Auto Scaling groups, with keys of your choice that are known before the groups exist."
  type        = map(string)
  default     = {}
}

variable "instances" {
  description = "IDs of nodes outside Auto Scaling groups, with keys of your choice that are known before the nodes exist."
  type        = map(string)
  default     = {}
}

variable "route53_zone_id" {
  description = "The Route 53 zone of the hosts."
  type        = string
}

variable "tags" {
  description = "Tags of all resources of this module, in addition to the edge's own."
  type        = map(string)
  default     = {}
}
