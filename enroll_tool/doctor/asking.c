#include "asking.h"

#include <unistd.h>

static enum status take_answer(int fd, int64_t wait_ms, asking_row *row, void *context, struct wire_result *out_result)
{
    for (;;) {
        wire_owner struct wire_message answer = {0};
        enum status status = wire_receive(fd, &answer, wire_deadline_ms(wait_ms));
        if (status != STATUS_OK)
            return status;
        if (answer.type == WIRE_RESULT) {
            *out_result = answer.result;
            return STATUS_OK;
        }
        if (answer.type < WIRE_RESULT)
            return STATUS_INVALID;
        if (row != NULL)
            row(&answer, context);
    }
}

enum status asking_ask(const char *socket, const struct wire_message *request, int64_t wait_ms, asking_row *row,
                       void *context, struct wire_result *out_result)
{
    int fd = -1;
    enum status status = wire_connect(socket, wire_deadline_ms(wait_ms), &fd);
    if (status != STATUS_OK)
        return status;
    status = wire_send(fd, request, wire_deadline_ms(wait_ms));
    if (status == STATUS_OK)
        status = take_answer(fd, wait_ms, row, context, out_result);
    (void)close(fd);
    return status;
}
