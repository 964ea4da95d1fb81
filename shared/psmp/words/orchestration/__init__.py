"""What is said of governed parallelism: assignments, their graph, reviews, outcomes and the one settlement.

PAC, the parent assignment; MAEG, the execution graph of a PAC; Sub-PAC, one node's assignment; BER, the review of one
node's result; PDO, the final outcome of one node; PDO-ORCH, all of them under one root; WRAP, the one settlement;
Correction Pack, the order to do a failed node again. Nothing here is a command or an event yet.
"""
