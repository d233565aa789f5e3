/* What the kernel says about the page that a secret is in. */
#ifndef GARDE_TESTS_GROUND_PAGES_H
#define GARDE_TESTS_GROUND_PAGES_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <garde/secret.h>

/* " lo dd wf ": how the kernel treats the mapping that holds the address; "" where nothing is mapped. */
static inline void read_flags(const void *address, char out_flags[256])
{
    char line[256];
    bool inside = false;
    FILE *maps = fopen("/proc/self/smaps", "re");

    ck_assert_ptr_nonnull(maps);
    out_flags[0] = '\0';
    while (out_flags[0] == '\0' && fgets(line, sizeof line, maps) != NULL) {
        unsigned long first = 0, end = 0;
        if (sscanf(line, "%lx-%lx ", &first, &end) == 2)
            inside = (unsigned long)(uintptr_t)address >= first && (unsigned long)(uintptr_t)address < end;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            (void)strcpy(out_flags, line + 8);
    }
    ck_assert_int_eq(fclose(maps), 0);
}

#ifdef __SANITIZE_ADDRESS__
#define LOCKS 0 /* under AddressSanitizer mlock() does nothing, and says that it has */
#else
#define LOCKS 1
#endif

static inline bool is_kept_from_others(const struct secret *secret)
{
    char flags[256];
    read_flags(secret_read(secret), flags);
    return (!LOCKS || strstr(flags, " lo ") != NULL) && strstr(flags, " dd ") != NULL && strstr(flags, " wf ") != NULL;
}

static inline bool is_mapped(const void *address)
{
    char flags[256];
    read_flags(address, flags);
    return flags[0] != '\0';
}

#endif
