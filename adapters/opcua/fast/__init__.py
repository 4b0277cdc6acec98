"""The fast path: publish responses read as columns, several publish requests in flight.

    octets of a publish response ──▶ response.py ──▶ items.py ──▶ interpreting.py ──▶ Frame
           ▲                          its envelope    its items    what they mean
    publishing.py: asks, keeps the order, acknowledges
    request.py: the octets of a request
    takeover.py: whether the library is as this needs it, and how its place is taken

The library stays in charge of sessions, security and subscriptions. What is rare (text, arrays, structures, events) is
read by the library's own decoders, item by item; the rest of the notification stays in columns.
"""
