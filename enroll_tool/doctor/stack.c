#include "stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "stack_file.h"
#include "stack_text.h"

#define DEPTH_MAX 64 /* of files that include each other by any way */
#define PATH_SIZE 1024

const struct stack_places stack_places_of_system = {
    .services = {"/etc/pam.d", "/usr/lib/pam.d", NULL},
    .includes = "/etc/pam.d",
    .single = "/etc/pam.conf",
    .modules = {"/lib/security", "/lib/" GARDE_MULTIARCH "/security", NULL},
};

/* One file while it is read. */
struct reading {
    struct stack *stack;
    const struct stack_places *places;
    const char *service; /* not NULL: each line begins with the service's name, and those of others are left out */
    const char *file;
    enum stack_type type; /* only lines of this type; 0: of all */
    unsigned level;
    unsigned depth;
};

/* A line, its words taken one after the other. */
struct parsed {
    struct stack_line line;
    bool of_all_types; /* "@include" */
    bool includes;
    bool substack;
};

static bool load_file(struct reading *reading, const char *path);

static void note(struct reading *reading, enum stack_trouble_kind kind, unsigned number)
{
    if (reading->stack->trouble.kind == TROUBLE_NONE)
        reading->stack->trouble = (struct stack_trouble){kind, reading->file, number};
}

/* What cannot be read to its end. */
static bool give_up(struct reading *reading, enum stack_trouble_kind kind, unsigned number)
{
    note(reading, kind, number);
    reading->stack->state = STACK_UNKNOWN;
    return false;
}

static const char *keep(struct reading *reading, const char *text)
{
    return stack_file_keep(&reading->stack->texts, text);
}

static bool add(struct reading *reading, struct stack_line *line)
{
    struct stack *stack = reading->stack;
    if (stack->count == STACK_LINES_MAX)
        return give_up(reading, TROUBLE_TOO_MANY, line->number);
    if (stack->count == stack->room) {
        size_t room = stack->room == 0 ? 16 : 2 * stack->room;
        struct stack_line *lines = realloc(stack->lines, room * sizeof *lines);
        if (lines == NULL)
            return give_up(reading, TROUBLE_SYSTEM, line->number);
        stack->lines = lines;
        stack->room = room;
    }
    line->file = reading->file;
    line->level = reading->level;
    line->control = keep(reading, line->control == NULL ? "" : line->control);
    line->module = keep(reading, line->module == NULL ? "" : line->module);
    line->words = keep(reading, line->words == NULL ? "" : line->words);
    if (line->control == NULL || line->module == NULL || line->words == NULL)
        return give_up(reading, TROUBLE_SYSTEM, line->number);
    stack->lines[stack->count++] = *line;
    return true;
}

static enum stack_type type_of(const char *word)
{
    static const char *const names[] = {"auth", "account", "password", "session"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(word, names[i]) == 0)
            return (enum stack_type)(STACK_AUTH + i);
    return 0;
}

/* libpam makes a line without a type of its own one of the type that it reads, or of auth. */
static void read_type(struct reading *reading, const char *word, struct parsed *parsed)
{
    if (word != NULL && *word == '-')
        word++;
    parsed->of_all_types = word != NULL && strcasecmp(word, "@include") == 0;
    parsed->line.type = word == NULL || parsed->of_all_types ? 0 : type_of(word);
    if (parsed->of_all_types) {
        parsed->includes = true;
        parsed->line.type = reading->type;
    } else if (parsed->line.type == 0) {
        note(reading, TROUBLE_BAD_TYPE, parsed->line.number);
        parsed->line.type = reading->type != 0 ? reading->type : STACK_AUTH;
        parsed->line.kind = STACK_FAILS;
    }
}

static bool is_bad_control(const int32_t actions[STACK_ANSWERS])
{
    for (size_t i = 0; i < STACK_ANSWERS; i++)
        if (actions[i] != ACTION_BAD)
            return false;
    return true;
}

static void read_control(struct reading *reading, const char *word, struct parsed *parsed)
{
    parsed->line.control = word;
    stack_control_read(word, parsed->line.actions);
    parsed->substack = word != NULL && strcasecmp(word, "substack") == 0;
    parsed->includes = parsed->substack || (word != NULL && strcasecmp(word, "include") == 0);
    if (word == NULL) {
        note(reading, TROUBLE_NO_CONTROL, parsed->line.number);
        parsed->line.kind = STACK_FAILS;
    } else if (!parsed->includes && is_bad_control(parsed->line.actions)) {
        note(reading, TROUBLE_BAD_CONTROL, parsed->line.number);
    }
}

/* libpam refuses the whole file for a module that has no name to log. */
static bool has_name(const char *module)
{
    const char *name = strrchr(module, '/');
    name = name == NULL ? module : name + 1;
    const char *dot = strrchr(name, '.');
    size_t len = dot == NULL ? strlen(name) : (size_t)(dot - name);
    return len > 0 && !(len == 1 && *name == '?');
}

static bool refuse(struct reading *reading, enum stack_trouble_kind kind, unsigned number)
{
    note(reading, kind, number);
    return false;
}

/* The lines of another file in place of this one. */
static bool include(struct reading *reading, struct parsed *parsed, const char *name)
{
    struct stack_line *line = &parsed->line;
    char path[PATH_SIZE];
    struct reading inner = *reading;

    if (name == NULL) {
        note(reading, TROUBLE_NO_NAME, line->number);
        reading->stack->state = STACK_REFUSED;
        return false;
    }
    if (parsed->substack) {
        struct stack_line border = *line;
        border.kind = STACK_SUBSTACK;
        border.module = name;
        if (!has_name(name))
            return refuse(reading, TROUBLE_NO_MODULE, line->number);
        if (!add(reading, &border))
            return false;
    }
    int len = snprintf(path, sizeof path, "%s%s%s", name[0] == '/' ? "" : reading->places->includes,
                       name[0] == '/' ? "" : "/", name);
    inner.type = line->type;
    inner.service = NULL;
    inner.level += parsed->substack ? 1 : 0;
    inner.depth++;
    bool loaded = len < (int)sizeof path && inner.level < STACK_LEVELS_MAX && load_file(&inner, path);
    if (loaded || reading->stack->state != STACK_WHOLE)
        return loaded;

    enum stack_trouble_kind trouble = inner.level < STACK_LEVELS_MAX ? TROUBLE_MISSING : TROUBLE_TOO_DEEP;
    if (parsed->of_all_types && line->type != 0) /* libpam gives the line whatever control value its memory holds */
        return give_up(reading, trouble, line->number);
    note(reading, trouble, line->number);
    if (line->type == 0)
        return false;
    line->kind = STACK_FAILS;
    line->module = NULL;
    stack_control_read(NULL, line->actions);
    return add(reading, line);
}

/* false: libpam reads no further, or we do not. */
static bool read_line(struct reading *reading, char *text, unsigned number)
{
    struct parsed parsed = {.line = {.kind = STACK_MODULE, .number = number}};
    char *rest = text;

    if (reading->service != NULL) {
        const char *service = stack_text_word(&rest);
        if (service == NULL || strcasecmp(service, reading->service) != 0)
            return true;
    }
    read_type(reading, stack_text_word(&rest), &parsed);
    if (reading->type != 0 && parsed.line.type != reading->type)
        return true;
    if (!parsed.of_all_types)
        read_control(reading, stack_text_word(&rest), &parsed);
    const char *module = stack_text_word(&rest);
    if (parsed.includes)
        return include(reading, &parsed, module);

    parsed.line.module = module;
    parsed.line.words = rest;
    if (module == NULL) {
        note(reading, TROUBLE_NO_MODULE, number);
        parsed.line.kind = STACK_FAILS;
    } else if (!has_name(module)) {
        return refuse(reading, TROUBLE_NO_MODULE, number);
    }
    return add(reading, &parsed.line);
}

static bool read_lines(struct reading *reading, const char *bytes, size_t len)
{
    struct stack_text text = {.bytes = bytes, .len = len};
    char line[STACK_LINE_SIZE];
    unsigned number = 0;

    for (;;) {
        switch (stack_text_next(&text, line, &number)) {
        case STACK_TEXT_LINE:
            if (!read_line(reading, line, number))
                return false;
            break;
        case STACK_TEXT_END:
            return true;
        case STACK_TEXT_UNFINISHED:
            note(reading, TROUBLE_UNFINISHED, number);
            return false;
        case STACK_TEXT_TOO_LONG:
            return give_up(reading, TROUBLE_TOO_LONG, number);
        }
    }
}

/* false: not to its end; the stack's state says whether that is known to be so for libpam, too. */
static bool load_file(struct reading *reading, const char *path)
{
    const char *outer = reading->file;
    char *bytes = NULL;
    size_t len = 0;

    if (reading->depth > DEPTH_MAX)
        return give_up(reading, TROUBLE_TOO_DEEP, 0);
    enum stack_trouble_kind trouble = stack_file_read(path, &bytes, &len);
    if (trouble == TROUBLE_MISSING)
        return false;
    reading->file = keep(reading, path);
    if (trouble != TROUBLE_NONE || reading->file == NULL) {
        free(bytes);
        return give_up(reading, trouble != TROUBLE_NONE ? trouble : TROUBLE_SYSTEM, 0);
    }
    bool whole = read_lines(reading, bytes, len);
    free(bytes);
    reading->file = outer;
    return whole;
}

static void load_outermost(struct reading *reading, const char *path)
{
    if (!load_file(reading, path) && reading->stack->state == STACK_WHOLE)
        reading->stack->state = STACK_REFUSED;
}

enum status stack_load(const struct stack_places *places, const char *service, struct stack *out_stack)
{
    for (size_t i = 0; places->services[i] != NULL; i++) {
        struct reading reading = {.stack = out_stack, .places = places};
        char path[PATH_SIZE];
        struct stat found = {0};
        int len = snprintf(path, sizeof path, "%s/%s", places->services[i], service);
        if (len < (int)sizeof path && stat(path, &found) == 0) {
            load_outermost(&reading, path);
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

enum status stack_load_single(const char *path, const char *service, struct stack *out_stack)
{
    struct reading reading = {.stack = out_stack, .places = &stack_places_of_system, .service = service};

    load_outermost(&reading, path);
    return out_stack->count == 0 && out_stack->state == STACK_WHOLE ? STATUS_NOT_FOUND : STATUS_OK;
}

void stack_drop(struct stack *stack)
{
    free(stack->lines);
    stack_file_forget(stack->texts);
    *stack = (struct stack){.count = 0};
}

bool stack_has(const struct stack *stack, enum stack_type type)
{
    for (size_t i = 0; i < stack->count; i++)
        if (stack->lines[i].type == type)
            return true;
    return false;
}

const char *stack_argument(const struct stack_line *line, const char *name, char *out, size_t size)
{
    char words[STACK_LINE_SIZE];
    size_t len = strlen(name);
    char *rest = words;

    (void)snprintf(words, sizeof words, "%s", line->words);
    for (const char *word = stack_text_word(&rest); word != NULL; word = stack_text_word(&rest)) {
        bool is_it = len > 0 && name[len - 1] == '=' ? strncmp(word, name, len) == 0 : strcmp(word, name) == 0;
        if (!is_it)
            continue;
        (void)snprintf(out, size, "%s", word + len);
        return out;
    }
    return NULL;
}
