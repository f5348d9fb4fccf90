"""The heart: from the set of a message's events to its numbers. Pure: no Flask, no SQL, no clock.

`facts` folds the events of one message; `contributions` says what they add to which day of which resource. Both are
functions of the set, never of the order in which events arrived, so duplicates and delays cannot change a result.
"""
