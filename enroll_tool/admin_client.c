#include "admin_client.h"

#include <stdio.h>
#include <unistd.h>

#include "text.h"

#define MESSAGE_WAIT_MS 10000
#define COUNT_WAIT_MS   60000  /* all users are counted before there is an answer; monitoring must get one some time */
#define CHECK_WAIT_MS   600000 /* the whole audit may be gone through */

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}
#define fd_owner __attribute__((cleanup(close_fd)))

static enum tool_exit tell_unreachable(enum status status, const char *path)
{
    char shown[TEXT_SHOWN_SIZE(SETTINGS_SOCKET_FOLDER_SIZE + 16)];
    text_show(shown, sizeof shown, path);

    switch ((int)status) {
    case STATUS_NOT_FOUND:
        tool_complain(_("the verifier does not answer at %s. Is garded running? Start it: systemctl start garded "
                        "(without systemd: service garded start)"),
                      shown);
        break;
    case STATUS_DENIED:
        tool_complain(_("no permission for %s. Run garde as root: sudo garde ..."), shown);
        break;
    case STATUS_TIMEOUT:
        tool_complain(_("the verifier did not answer in time at %s. Look at: systemctl status garded"), shown);
        break;
    case STATUS_CLOSED:
        tool_complain(_("the verifier closed the connection at %s. Look at: journalctl -u garded"), shown);
        break;
    case STATUS_INVALID:
        tool_complain(_("what answers at %s does not speak this version's protocol. Restart garded after an update."),
                      shown);
        break;
    default:
        tool_complain(_("the verifier cannot be spoken to at %s"), shown);
        break;
    }
    return TOOL_UNREACHABLE;
}

static bool is_row(enum wire_type type)
{
    return type >= WIRE_FACTOR && type <= WIRE_SECRET;
}

/* Some answers cost the verifier much work before the first row. */
static int64_t wait_for_ms(enum wire_type request)
{
    if (request == WIRE_STATUS)
        return COUNT_WAIT_MS;
    bool reads_all = request == WIRE_AUDIT || request == WIRE_AUDIT_VERIFY || request == WIRE_EXPORT;
    return reads_all ? CHECK_WAIT_MS : MESSAGE_WAIT_MS;
}

/* Takes rows until the result. */
static enum tool_exit take_answer(int fd, int64_t wait_ms, admin_client_row *row, void *context, const char *path,
                                  struct wire_result *out_result)
{
    for (;;) {
        wire_owner struct wire_message answer = {0};
        enum status status = wire_receive(fd, &answer, wire_deadline_ms(wait_ms));
        if (status != STATUS_OK)
            return tell_unreachable(status, path);
        if (answer.type == WIRE_RESULT) {
            *out_result = answer.result;
            return TOOL_DONE;
        }
        if (row == NULL || !is_row(answer.type))
            return tell_unreachable(STATUS_INVALID, path);
        if (!row(&answer, context))
            return TOOL_REFUSED;
    }
}

enum tool_exit admin_client_stream(struct tool *tool, const struct wire_message *request, admin_client_row *row,
                                   void *context, struct wire_result *out_result)
{
    enum tool_exit loaded = tool_load(tool);
    if (loaded != TOOL_DONE)
        return loaded;

    char path[SETTINGS_SOCKET_FOLDER_SIZE + 16];
    (void)snprintf(path, sizeof path, "%s/%s", tool->settings.socket_folder, WIRE_ADMIN_SOCKET);

    fd_owner int fd = -1;
    enum status status = wire_connect(path, wire_deadline_ms(MESSAGE_WAIT_MS), &fd);
    if (status == STATUS_OK)
        status = wire_send(fd, request, wire_deadline_ms(MESSAGE_WAIT_MS));
    if (status != STATUS_OK)
        return tell_unreachable(status, path);
    return take_answer(fd, wait_for_ms(request->type), row, context, path, out_result);
}

enum tool_exit admin_client_ask(struct tool *tool, const struct wire_message *request, struct wire_result *out_result)
{
    return admin_client_stream(tool, request, NULL, NULL, out_result);
}
