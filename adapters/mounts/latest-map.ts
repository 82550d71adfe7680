import { from, Observable, type ObservableInput, type OperatorFunction } from 'rxjs';

/**
 * Maps one value at a time; of those that arrive meanwhile only the newest is mapped next. Unlike `switchMap` it
 * gets to an end under a storm, unlike `concatMap` it keeps no queue.
 */
export function latestMap<Input, Output>(
  project: (value: Input) => ObservableInput<Output>,
): OperatorFunction<Input, Output> {
  return (source) =>
    new Observable<Output>((subscriber) => {
      let isBusy = false;
      let isComplete = false;
      let waiting: { readonly value: Input } | null = null;

      const run = (value: Input): void => {
        isBusy = true;
        const inner = from(project(value)).subscribe({
          next: (output) => subscriber.next(output),
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            isBusy = false;
            const turn = waiting;
            waiting = null;
            if (turn !== null) run(turn.value);
            else if (isComplete) subscriber.complete();
          },
        });
        subscriber.add(inner);
      };

      const outer = source.subscribe({
        next: (value) => {
          if (isBusy) waiting = { value };
          else run(value);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          isComplete = true;
          if (!isBusy) subscriber.complete();
        },
      });
      subscriber.add(outer);
    });
}
