// Loaded into the native program before it starts (LD_PRELOAD), this notes which of its methods are ever called, in the order of their first calls.
// METHODS names a file with the addresses of all methods, hexadecimal and ascending, a line each; CALLED is the beginning of the name of the file that those
// which were called go to, 8 bytes each, an own file for each process. On the first byte of every method lies a trap; the first call that comes there takes it
// away. For x86-64, and for programs at a fixed address (docs/adr/0019).
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum { TRAP = 0xCC, PAGE = 4096, MOST_METHODS = 1 << 20 };

static unsigned long *method, *called;
static unsigned char *byte_below, *taken;
static size_t methods, calls;

static void need(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "method-order: %s\n", what);
    abort();
}

// The method that begins at an address; the number of methods if none does.
static size_t find(unsigned long address) {
    size_t low = 0, high = methods;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (method[middle] < address) low = middle + 1;
        else high = middle;
    }
    return low < methods && method[low] == address ? low : methods;
}

// Two threads may meet the same trap: the first takes it away, and both go on from where it lay.
static void on_trap(int number, siginfo_t *info, void *context) {
    (void)number, (void)info;
    greg_t *at = &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    unsigned long address = (unsigned long)*at - 1;
    size_t which = find(address);
    if (which == methods) abort();
    if (!__atomic_exchange_n(&taken[which], 1, __ATOMIC_SEQ_CST)) {
        called[__atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST)] = address;
        *(volatile unsigned char *)address = byte_below[which];
    }
    *at = (greg_t)address;
}

__attribute__((constructor)) static void lay_traps(void) {
    const char *list = getenv("METHODS"), *to = getenv("CALLED");
    FILE *file = list == NULL ? NULL : fopen(list, "r");
    need(file != NULL && to != NULL, "METHODS and CALLED must name files");
    need((method = calloc(MOST_METHODS, sizeof *method)) != NULL, "no memory");
    while (methods < MOST_METHODS && fscanf(file, "%lx", &method[methods]) == 1) methods++;
    need(methods > 0 && methods < MOST_METHODS && feof(file), "METHODS is not a list of addresses");
    fclose(file);
    need((byte_below = calloc(methods, 1)) != NULL && (taken = calloc(methods, 1)) != NULL, "no memory");

    // A file mapped into memory holds what was called even if the program is killed.
    char path[PAGE];
    snprintf(path, sizeof path, "%s.%d", to, getpid());
    int out = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    need(out >= 0 && ftruncate(out, (off_t)(methods * sizeof *called)) == 0, "CALLED cannot be written");
    called = mmap(NULL, methods * sizeof *called, PROT_READ | PROT_WRITE, MAP_SHARED, out, 0);
    need(called != MAP_FAILED, "CALLED cannot be mapped");
    close(out);

    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART;
    need(sigaction(SIGTRAP, &action, NULL) == 0, "no handler of traps");
    unsigned long first = method[0] / PAGE * PAGE, end = (method[methods - 1] / PAGE + 1) * PAGE;
    need(mprotect((void *)first, end - first, PROT_READ | PROT_WRITE | PROT_EXEC) == 0, "code cannot be changed");
    for (size_t i = 0; i < methods; i++) {
        byte_below[i] = *(unsigned char *)method[i];
        *(unsigned char *)method[i] = TRAP;
    }
}
