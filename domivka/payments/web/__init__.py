"""Pages of payments: the payment itself, «Мої платежі», «Довідка про платежі», and the door for gateways."""
