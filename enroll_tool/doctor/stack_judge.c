/* A breadth-first walk over all states that libpam could be in between two lines. */
#include "stack_judge.h"

#include <stdlib.h>
#include <string.h>

#include "stack_modules.h"

#define STATES_MAX   131072
#define STATES_FIRST 128 /* room for so many at first: a power of two, as STATES_MAX */

/* What libpam thinks so far: its impression, and whether its status is success. */
enum opinion {
    OPINION_NONE = 0,
    OPINION_YES = 1,
    OPINION_YES_BUT = 2, /* positive, with another status than success */
    OPINION_NO = 3,
};

struct state {
    size_t at;     /* in the list of auth lines */
    unsigned last; /* level of the line before */
    enum opinion opinion;
    uint32_t saved; /* opinions at the beginning of the substack at hand and those around it, two bits a level */
    bool through;
    bool bare;
    bool typed;    /* what the person types is there */
    bool has_code; /* "split" has taken it off, and "verify" has not had it yet */
};

struct node {
    uint64_t state;
    uint32_t before;
    uint16_t line;
    uint8_t answer;
};

struct walk {
    const struct stack *stack;
    const struct stack_question *question;
    size_t lines[STACK_LINES_MAX]; /* the auth lines of the stack */
    size_t line_count;
    bool has_modes; /* else what was typed makes no difference */
    struct node *nodes;
    size_t count, room;
    uint32_t *slots; /* twice as many as there is room for nodes: index of a node + 1, 0: none */
    bool full;
};

static uint64_t pack(const struct state *state)
{
    return (uint64_t)state->at | (uint64_t)state->last << 12 | (uint64_t)state->opinion << 17 |
           (uint64_t)state->through << 19 | (uint64_t)state->saved << 20 | (uint64_t)state->bare << 52 |
           (uint64_t)state->typed << 53 | (uint64_t)state->has_code << 54;
}

static struct state unpack(uint64_t packed)
{
    return (struct state){
        .at = packed & 0xfff,
        .last = (unsigned)(packed >> 12 & 0x1f),
        .opinion = (enum opinion)(packed >> 17 & 3),
        .through = (packed >> 19 & 1) != 0,
        .saved = (uint32_t)(packed >> 20),
        .bare = (packed >> 52 & 1) != 0,
        .typed = (packed >> 53 & 1) != 0,
        .has_code = (packed >> 54 & 1) != 0,
    };
}

static const struct stack_line *line_at(const struct walk *walk, size_t at)
{
    return &walk->stack->lines[walk->lines[at]];
}

/* ---- one line, as libpam goes on behind it ---- */

static enum opinion saved_at(uint32_t saved, unsigned level)
{
    return (enum opinion)(saved >> 2 * level & 3);
}

static uint32_t save_at(uint32_t saved, unsigned level, enum opinion opinion)
{
    return (saved & ~(UINT32_C(3) << 2 * level)) | (uint32_t)opinion << 2 * level;
}

/* What lies deeper is not looked at any more: equal states become the same. */
static uint32_t forget_deeper(uint32_t saved, unsigned level)
{
    return level >= STACK_LEVELS_MAX - 1 ? saved : saved & ((UINT32_C(1) << 2 * (level + 1)) - 1);
}

static bool goes_on(const struct walk *walk, size_t at, unsigned level)
{
    return at + 1 < walk->line_count && line_at(walk, at + 1)->level >= level;
}

/* The last line of the substack, or of all. */
static size_t end_of_level(const struct walk *walk, size_t at, unsigned level)
{
    while (goes_on(walk, at, level))
        at++;
    return at;
}

static size_t jump(const struct walk *walk, size_t at, unsigned level, int32_t *over)
{
    while (*over > 0 && goes_on(walk, at, level)) {
        do
            at++;
        while (goes_on(walk, at, level + 1));
        --*over;
    }
    return at;
}

static void agree(struct state *state, int answer)
{
    if (state->opinion == OPINION_NONE || state->opinion == OPINION_YES)
        state->opinion = answer == ANSWER_SUCCESS ? OPINION_YES : OPINION_YES_BUT;
}

/* "verify" without a code, "concat" with nothing to take it off. */
static bool is_bare(const struct stack_line *line, const struct state *state)
{
    return (line->role == ROLE_VERIFY && !state->has_code) || (line->role == ROLE_CONCAT && state->typed);
}

/* What the line has done beside its answer. */
static void hand_on(const struct walk *walk, const struct stack_line *line, int answer, struct state *state)
{
    if (stack_modules_checks_code(line) && answer == ANSWER_SUCCESS) {
        state->through = walk->question->through;
        state->bare = state->bare || is_bare(line, state);
    }
    if (line->role == ROLE_SPLIT)
        state->has_code = answer == ANSWER_IGNORE && !state->typed;
    else if (line->role == ROLE_VERIFY)
        state->has_code = false;
    if (line->role == ROLE_SPLIT || line->role == ROLE_CONCAT || line->role == ROLE_PASSWORD)
        state->typed = state->typed || (walk->has_modes && line->answers != UINT32_C(1) << ANSWER_MODULE_UNKNOWN);
}

static struct state after(const struct walk *walk, const struct state *before, int answer)
{
    const struct stack_line *line = line_at(walk, before->at);
    struct state state = *before;
    int32_t action = line->actions[answer];

    if (action == ACTION_RESET) {
        state.opinion = saved_at(state.saved, line->level);
    } else if (action == ACTION_OK) {
        agree(&state, answer);
    } else if (action == ACTION_DONE) {
        agree(&state, answer);
        if (state.opinion != OPINION_NO)
            state.at = end_of_level(walk, state.at, line->level);
    } else if (action == ACTION_BAD) {
        state.opinion = OPINION_NO;
    } else if (action == ACTION_DIE) {
        state.opinion = OPINION_NO;
        state.at = end_of_level(walk, state.at, line->level);
    } else if (action > 0) {
        state.at = jump(walk, state.at, line->level, &action);
        if (action > 0)
            state.opinion = OPINION_NO;
    }
    state.at++;
    state.last = line->level;
    state.saved = forget_deeper(state.saved, line->level);
    hand_on(walk, line, answer, &state);
    return state;
}

/* ---- which answers a way may use ---- */

static bool is_yes(int answer)
{
    return answer == ANSWER_SUCCESS || answer == ANSWER_NEW_AUTHTOK_REQD;
}

static bool can_give(const struct stack_line *line, int answer)
{
    return (line->answers >> answer & 1) != 0;
}

/* Does it make no difference what the line answers? */
static bool decides_nothing(const struct walk *walk, const struct state *state)
{
    const struct stack_line *line = line_at(walk, state->at);
    bool any = false;
    uint64_t first = 0;

    for (int answer = 0; answer < STACK_ANSWERS; answer++) {
        if (!can_give(line, answer))
            continue;
        struct state next = after(walk, state, answer);
        if (any && pack(&next) != first)
            return false;
        first = pack(&next);
        any = true;
    }
    return true;
}

/* Lines of pam_garde.so are as they are for whoever has a right code, or for whoever has none. */
static bool may_use_garde(const struct walk *walk, const struct state *state, int answer)
{
    const struct stack_line *line = line_at(walk, state->at);
    int good = line->role == ROLE_SPLIT ? ANSWER_IGNORE : ANSWER_SUCCESS;

    if (walk->question->code && can_give(line, good) && (walk->question->bare || !is_bare(line, state)))
        return answer == good;
    return answer != ANSWER_SUCCESS && (answer != ANSWER_IGNORE || line->role == ROLE_SPLIT);
}

static bool may_use(const struct walk *walk, const struct state *state, int answer)
{
    const struct stack_line *line = line_at(walk, state->at);
    const struct stack_question *question = walk->question;
    bool granted = (question->roles & ROLE_BIT(line->role)) != 0;

    if (!can_give(line, answer))
        return false;
    if (line->kind == STACK_FAILS)
        return true;
    switch (line->role) {
    case ROLE_GARDE:
    case ROLE_SPLIT:
    case ROLE_VERIFY:
    case ROLE_CONCAT:
        return may_use_garde(walk, state, answer);
    case ROLE_HELPER:
        return true;
    case ROLE_PASSWORD:
        return question->password || (!is_yes(answer) && answer != ANSWER_IGNORE);
    case ROLE_CONDITION:
        return granted || decides_nothing(walk, state);
    case ROLE_ROOT:
        return granted || !is_yes(answer);
    case ROLE_FACTOR:
    case ROLE_UNKNOWN:
        break;
    }
    return granted || (!is_yes(answer) && answer != ANSWER_IGNORE); /* "as if this line were not there" */
}

/* ---- the walk ---- */

/* The slot of this state, or the empty one where it belongs. */
static uint32_t *slot_of(const struct walk *walk, uint64_t packed)
{
    size_t mask = 2 * walk->room - 1;
    size_t slot = (size_t)(packed * UINT64_C(0x9e3779b97f4a7c15) >> 40) & mask;

    while (walk->slots[slot] != 0 && walk->nodes[walk->slots[slot] - 1].state != packed)
        slot = (slot + 1) & mask;
    return &walk->slots[slot];
}

static bool enlarge(struct walk *walk)
{
    size_t room = walk->room == 0 ? STATES_FIRST : 2 * walk->room;
    struct node *nodes = room > STATES_MAX ? NULL : realloc(walk->nodes, room * sizeof *nodes);
    if (nodes == NULL)
        return false;
    walk->nodes = nodes;
    uint32_t *slots = calloc(2 * room, sizeof *slots);
    if (slots == NULL)
        return false;
    free(walk->slots);
    walk->slots = slots;
    walk->room = room;
    for (size_t i = 0; i < walk->count; i++)
        *slot_of(walk, nodes[i].state) = (uint32_t)(i + 1);
    return true;
}

static void reach(struct walk *walk, const struct state *state, uint32_t before, size_t line, int answer)
{
    uint64_t packed = pack(state);

    if (walk->count == walk->room && !enlarge(walk)) {
        walk->full = true;
        return;
    }
    uint32_t *slot = slot_of(walk, packed);
    if (*slot != 0)
        return;
    walk->nodes[walk->count++] = (struct node){packed, before, (uint16_t)line, (uint8_t)answer};
    *slot = (uint32_t)walk->count;
}

static void follow(struct walk *walk, uint32_t from)
{
    struct state state = unpack(walk->nodes[from].state);
    const struct stack_line *line = line_at(walk, state.at);

    if (state.last < line->level)
        state.saved = save_at(state.saved, line->level, state.opinion);
    if (line->kind == STACK_SUBSTACK) {
        struct state next = state;
        next.at++;
        next.last = line->level;
        reach(walk, &next, from, walk->lines[state.at], STACK_ANSWERS);
        return;
    }
    /* "No" comes first: of answers that lead to the same state it is told as the one that people know. */
    for (int i = -1; i < STACK_ANSWERS; i++) {
        int answer = i < 0 ? ANSWER_AUTH_ERR : i;
        if (!may_use(walk, &state, answer))
            continue;
        struct state next = after(walk, &state, answer);
        reach(walk, &next, from, walk->lines[state.at], answer);
    }
}

static void tell_way(const struct walk *walk, size_t end, struct stack_way *out_way)
{
    size_t count = 0;

    for (size_t at = end; at != 0; at = walk->nodes[at].before)
        if (walk->nodes[at].answer != STACK_ANSWERS)
            count++;
    out_way->count = out_way->bare = count;
    for (size_t at = end; at != 0; at = walk->nodes[at].before) {
        const struct node *node = &walk->nodes[at];
        if (node->answer == STACK_ANSWERS)
            continue;
        out_way->steps[--count] = (struct stack_step){node->line, node->answer};
        if (unpack(node->state).bare && !unpack(walk->nodes[node->before].state).bare)
            out_way->bare = count;
    }
}

static bool is_spent(const struct walk *walk, const struct node *node)
{
    return walk->question->spent && node->answer == ANSWER_SUCCESS &&
           walk->stack->lines[node->line].role == ROLE_VERIFY;
}

static enum stack_verdict go(struct walk *walk, struct stack_way *out_way)
{
    const struct state start = {.at = 0};

    if (walk->line_count == 0)
        return STACK_NO_WAY;
    reach(walk, &start, 0, 0, STACK_ANSWERS);
    for (size_t i = 0; i < walk->count && !walk->full; i++) {
        struct state state = unpack(walk->nodes[i].state);
        if (is_spent(walk, &walk->nodes[i])) {
            tell_way(walk, i, out_way);
            return STACK_A_WAY;
        }
        if (state.at < walk->line_count) {
            follow(walk, (uint32_t)i);
        } else if (!walk->question->spent && state.opinion == OPINION_YES && state.through == walk->question->through &&
                   state.bare == walk->question->bare) {
            tell_way(walk, i, out_way);
            return STACK_A_WAY;
        }
    }
    return walk->full ? STACK_UNDECIDED : STACK_NO_WAY;
}

enum stack_verdict stack_judge(const struct stack *stack, const struct stack_question *question,
                               struct stack_way *out_way)
{
    struct walk walk = {.stack = stack, .question = question};

    for (size_t i = 0; i < stack->count; i++) {
        const struct stack_line *line = &stack->lines[i];
        if (line->type != STACK_AUTH)
            continue;
        walk.lines[walk.line_count++] = i;
        walk.has_modes = walk.has_modes || (stack_modules_is_garde(line) && line->role != ROLE_GARDE);
    }
    enum stack_verdict verdict = go(&walk, out_way);
    free(walk.nodes);
    free(walk.slots);
    return verdict;
}
