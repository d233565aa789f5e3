#include "pskc_map.h"

#include <stdlib.h>
#include <string.h>

#include <garde/factor.h>

#include "../text.h"
#include "input.h"

struct pskc_map_row {
    char serial[LABEL_SIZE];
    char user[USER_SIZE];
};

struct pskc_map {
    struct pskc_map_row *rows;
    size_t count, room;
};

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct pskc_map_row *)a)->serial, ((const struct pskc_map_row *)b)->serial);
}

static char *trimmed(char *text)
{
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        text[--len] = '\0';
    return text;
}

static bool add(struct pskc_map *map, char *line)
{
    char *comma = strchr(line, ',');

    if (comma == NULL || strchr(comma + 1, ',') != NULL)
        return false;
    *comma = '\0';
    if (map->count == map->room) {
        size_t room = map->room == 0 ? 64 : 2 * map->room;
        struct pskc_map_row *rows = reallocarray(map->rows, room, sizeof *rows);
        if (rows == NULL)
            return false;
        map->rows = rows;
        map->room = room;
    }
    struct pskc_map_row *row = &map->rows[map->count];
    const char *serial = trimmed(line), *user = trimmed(comma + 1);
    if (serial[0] == '\0' || user[0] == '\0' || !text_copy(row->serial, sizeof row->serial, serial) ||
        !text_copy(row->user, sizeof row->user, user))
        return false;
    map->count++;
    return true;
}

static enum tool_exit tell(const struct input *input, const char *text)
{
    char shown[1024];
    tool_complain("%s:%lu: %s", text_show(shown, sizeof shown, input->path), input->line, text);
    return TOOL_REFUSED;
}

static enum tool_exit read_rows(struct pskc_map *map, struct input *input)
{
    for (;;) {
        secret_owner struct secret *line = NULL;
        enum input_found found = input_line(input, &line);
        if (found == INPUT_LINE) {
            char *text = (char *)secret_fill(line);
            if (text[strspn(text, " \t")] == '\0' || text[0] == '#')
                continue;
            if (!add(map, text))
                return tell(input, _("a line wants the form: serial,user"));
        } else if (found == INPUT_TOO_LONG || found == INPUT_ZERO) {
            return tell(input, _("a line wants the form: serial,user"));
        } else {
            return input_tell(input, found);
        }
    }
}

enum tool_exit pskc_map_read(const char *path, struct pskc_map **out_map)
{
    pskc_map_owner struct pskc_map *map = calloc(1, sizeof *map);
    input_owner struct input input = INPUT_NONE;

    enum tool_exit done = map == NULL ? TOOL_REFUSED : input_open(&input, path, INPUT_BYTES_MAX);
    if (done == TOOL_DONE)
        done = read_rows(map, &input);
    if (done != TOOL_DONE)
        return done;
    if (map->count > 0)
        qsort(map->rows, map->count, sizeof *map->rows, compare);
    for (size_t i = 1; i < map->count; i++) {
        char shown[1024], serial[TEXT_SHOWN_SIZE(LABEL_SIZE)];
        if (compare(&map->rows[i - 1], &map->rows[i]) != 0)
            continue;
        tool_complain(_("%s: the token %s is there twice"), text_show(shown, sizeof shown, path),
                      text_show(serial, sizeof serial, map->rows[i].serial));
        return TOOL_REFUSED;
    }
    *out_map = map;
    map = NULL;
    return TOOL_DONE;
}

void pskc_map_free(struct pskc_map *map)
{
    if (map == NULL)
        return;
    free(map->rows);
    free(map);
}

void pskc_map_drop(struct pskc_map **map)
{
    pskc_map_free(*map);
    *map = NULL;
}

const char *pskc_map_user(const struct pskc_map *map, const char *serial)
{
    struct pskc_map_row wanted = {.user = ""};
    if (map->count == 0 || !text_copy(wanted.serial, sizeof wanted.serial, serial))
        return NULL;
    const struct pskc_map_row *found = bsearch(&wanted, map->rows, map->count, sizeof *map->rows, compare);
    return found == NULL ? NULL : found->user;
}
