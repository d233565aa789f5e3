#include "gate.h"

bool gate_enter(struct gate *gate, struct guest *guest)
{
    if (gate->inside < gate->most) {
        gate->inside++;
        guest->place = GATE_INSIDE;
        return true;
    }
    *guest = (struct guest){.place = GATE_WAITING, .before = gate->last};
    if (gate->last != NULL)
        gate->last->after = guest;
    else
        gate->first = guest;
    gate->last = guest;
    return false;
}

static void leave_line(struct gate *gate, struct guest *guest)
{
    if (guest->before != NULL)
        guest->before->after = guest->after;
    else
        gate->first = guest->after;
    if (guest->after != NULL)
        guest->after->before = guest->before;
    else
        gate->last = guest->before;
    *guest = (struct guest){.place = GATE_AWAY};
}

struct guest *gate_leave(struct gate *gate, struct guest *guest)
{
    if (guest->place == GATE_WAITING)
        leave_line(gate, guest);
    if (guest->place != GATE_INSIDE)
        return NULL;

    guest->place = GATE_AWAY;
    gate->inside--;
    struct guest *next = gate->first;
    if (next != NULL) {
        leave_line(gate, next);
        (void)gate_enter(gate, next);
    }
    return next;
}
